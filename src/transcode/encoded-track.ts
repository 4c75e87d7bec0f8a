/**
 * What a ladder's child has to make: one encoded track for each picture size, and one for each audio bitrate, which
 * rungs of that bitrate share.
 *
 * Each track leaves the child on a pipe of its own, so that no picture waits for the sound beside it.
 */
import { AUDIO_ONLY_RUNG, type Rung, type RungVideo } from '../domain/ladder.ts'

/** A picture to encode; `rung` is the only rung that shows it. */
export type EncodedVideo = { readonly kind: 'video'; readonly rung: string } & Omit<
  Extract<RungVideo, { kind: 'transcode' }>,
  'kind'
>

/** Sound to encode, for every rung in `rungs`. */
export type EncodedAudio = {
  readonly kind: 'audio'
  readonly bitrateBps: number
  readonly rungs: readonly string[]
}

/** One output of a ladder's child. */
export type EncodedTrack = EncodedVideo | EncodedAudio

/** The tracks that `rungs` need, pictures first and best first. */
export function encodedTracks(rungs: readonly Rung[]): EncodedTrack[] {
  const videos = rungs.flatMap(({ name, video }): EncodedVideo[] =>
    video?.kind === 'transcode' ? [{ ...video, kind: 'video', rung: name }] : [],
  )
  const rungsByBitrate = new Map<number, string[]>()
  for (const { name, audio } of rungs) {
    if (audio.kind !== 'transcode') continue
    rungsByBitrate.set(audio.bitrateBps, [...(rungsByBitrate.get(audio.bitrateBps) ?? []), name])
  }
  const audios = [...rungsByBitrate].map(([bitrateBps, names]): EncodedAudio => ({
    kind: 'audio',
    bitrateBps,
    rungs: names,
  }))
  return [...videos, ...audios]
}

/** `rungs` without `shed`, which shows another rung from now on. */
export function withoutRung(rungs: readonly Rung[], shed: string): Rung[] {
  return rungs.filter(({ name }) => name !== shed)
}

/** The best rung that costs a picture's encoding, when another such rung is below it. */
export function sheddableRung(rungs: readonly Rung[]): { shed: string; instead: string } | undefined {
  const [best, next] = rungs.filter(
    ({ name, video }) => name !== AUDIO_ONLY_RUNG && video?.kind === 'transcode',
  )
  return best && next && { shed: best.name, instead: next.name }
}

/** Name of a track in logs, and of its place from one child to the next. */
export function trackName(track: EncodedTrack): string {
  return track.kind === 'video' ? track.rung : `audio ${track.bitrateBps}`
}
