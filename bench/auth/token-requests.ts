/**
 * Requests for a multivariant playlist with a playback token of their own each, and the script that makes wrk send them.
 */
import { tokenSigner, type TokenSigner } from '../../test/harness/playback-tokens.ts'
import type { BenchChannel } from '../rig/headwater-server.ts'
import { writePaths } from '../rig/wrk-paths.ts'

/** Signs for one channel. */
export type ChannelTokens = {
  readonly publicKeyPem: string
  /** A token that was never made before. */
  readonly next: () => string
}

const LIFE_S = 3600

/** Tokens as an owner's backend makes them: for an hour, with nothing but the channel. */
export function channelTokens(channel: BenchChannel): ChannelTokens {
  const signer: TokenSigner = tokenSigner()
  const exp = Math.floor(Date.now() / 1000) + LIFE_S
  let made = 0
  return {
    publicKeyPem: signer.publicKeyPem,
    next: () => signer.sign({ 'aws:channel-arn': channel.arn, exp, jti: String(made++) }),
  }
}

/** Files for wrk: its script, and the paths with `count` tokens, which it sends in turn. */
export function writeTokenRequests(
  channel: BenchChannel,
  tokens: ChannelTokens,
  count: number,
): readonly [script: string, paths: string] {
  const { pathname } = new URL(channel.playbackUrl)
  return writePaths(Array.from({ length: count }, () => `${pathname}?token=${tokens.next()}`))
}
