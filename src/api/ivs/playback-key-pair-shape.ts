/**
 * Playback key pairs as answers show them (reference ivs-api §8, PlaybackKeyPair and PlaybackKeyPairSummary).
 */
import type { PlaybackKeyPair } from '../../domain/playback-key-pair.ts'

/** A playback key pair in a list. */
export type PlaybackKeyPairSummaryShape = Pick<PlaybackKeyPair, 'arn' | 'name' | 'tags'>

/** A playback key pair by itself. */
export type PlaybackKeyPairShape = PlaybackKeyPairSummaryShape & Pick<PlaybackKeyPair, 'fingerprint'>

/** Shows a playback key pair with its fingerprint. */
export function toPlaybackKeyPairShape(keyPair: PlaybackKeyPair): PlaybackKeyPairShape {
  return { ...toPlaybackKeyPairSummary(keyPair), fingerprint: keyPair.fingerprint }
}

/** Shows a playback key pair in a list. */
export function toPlaybackKeyPairSummary(keyPair: PlaybackKeyPair): PlaybackKeyPairSummaryShape {
  return { arn: keyPair.arn, name: keyPair.name, tags: keyPair.tags }
}
