/**
 * A simulated publisher and transcoder through the real packager, with everybody watching that nothing which was once
 * published changes.
 */
import { silentLogger } from '../../src/base/logger.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { newChannel } from '../../src/domain/channel-rules.ts'
import { AUDIO_ONLY_RUNG, SOURCE_RUNG, type KeyframePlan, type Rung } from '../../src/domain/ladder.ts'
import type { LiveRendition, LiveSegment } from '../../src/domain/live.ts'
import type { MediaSink } from '../../src/media/access-unit.ts'
import type { TimedMetadata } from '../../src/media/timed-metadata.ts'
import { StreamPackager } from '../../src/packager/stream-packager.ts'
import { MetadataPlacer } from '../../src/session/metadata-placer.ts'
import { SAMPLE_AUDIO, SAMPLE_VIDEO, SMALL_VIDEO } from './media/sample-tracks.ts'
import { simulateSource, type ArrivingUnit, type SourceShape } from './media/simulated-source.ts'
import { DropCounts } from '../../src/domain/drops.ts'
import { simulateAudio, simulateVideo, type EncoderShape } from './media/simulated-transcoder.ts'

/** One rung that is transcoded. */
export type SimulatedRung = EncoderShape & { readonly transcodesAudio: boolean; readonly audioLagMs: number }

/** A whole broadcast. */
export type SimulatedBroadcast = {
  readonly source: SourceShape
  readonly keyframes: KeyframePlan
  readonly rungs: readonly SimulatedRung[]
  /** Moments at which the transcoder asks for a discontinuity, in milliseconds since the first picture. */
  readonly discontinuedAtMs: readonly number[]
  /** Moments at which timed metadata is put: the texts are `0`, `1` and so on. */
  readonly metadataAtMs?: readonly number[]
}

/** What is left of it. */
export type Packaged = {
  readonly arrivals: readonly ArrivingUnit[]
  /** In the order of the ladder, the source's first when it is passed through. */
  readonly renditions: readonly LiveRendition[]
  /** What changed although it had been published. */
  readonly changes: readonly string[]
  /** Timed metadata as it was given to the packager. */
  readonly metadata: readonly TimedMetadata[]
}

type Event = { readonly atMs: number; readonly run: () => void }

const PASSTHROUGH = { kind: 'passthrough' } as const
/** Long enough to list all of it. */
const WINDOW_SECONDS = 600
const TAIL_MS = 10_000

/** The ladder of a broadcast: rungs are named `r0`, `r1` and so on. */
export function simulatedLadder({ source, keyframes, rungs }: SimulatedBroadcast): Rung[] {
  const made = rungs.map((rung, index): Rung => ({
    name: `r${index}`,
    displayName: `r${index}`,
    video: {
      kind: 'transcode',
      width: 64,
      height: 64,
      bitrateBps: 400_000,
      keepEvery: rung.keepEvery,
      frameRate: source.frameRate / rung.keepEvery,
    },
    audio: rung.transcodesAudio ? { kind: 'transcode', bitrateBps: 64_000 } : PASSTHROUGH,
  }))
  if (keyframes === 'own') return made
  const passed: Rung = {
    name: SOURCE_RUNG,
    displayName: SOURCE_RUNG,
    video: PASSTHROUGH,
    audio: PASSTHROUGH,
  }
  const sound: Rung = {
    name: AUDIO_ONLY_RUNG,
    displayName: AUDIO_ONLY_RUNG,
    video: undefined,
    audio: PASSTHROUGH,
  }
  return [passed, ...made, ...(source.hasAudio ? [sound] : [])]
}

/** Packages a broadcast from its first unit to its end. */
export function packageBroadcast(broadcast: SimulatedBroadcast): Packaged {
  const clock = new ManualClock()
  const birth = { region: 'us-west-2', accountId: '123456789012', nowMs: 0 }
  const packager = new StreamPackager({
    drops: new DropCounts(),
    streamId: 'st-simulated',
    channel: { ...newChannel(birth, { type: 'STANDARD' }), containerFormat: 'FRAGMENTED_MP4' },
    segmentMs: 1000,
    partMs: 333,
    windowSeconds: WINDOW_SECONDS,
    maxWindowBytes: 64 * 1024 * 1024,
    clock,
    logger: silentLogger,
    onPlayable: () => undefined,
    onEnded: () => undefined,
  })
  const ladder = simulatedLadder(broadcast)
  const arrivals = simulateSource(broadcast.source)
  packager.source.onTrack(SAMPLE_VIDEO)
  if (broadcast.source.hasAudio) packager.source.onTrack(SAMPLE_AUDIO)
  packager.setLadder(ladder, broadcast.keyframes)
  const renditions = ladder.flatMap(({ name }) => packager.rendition(name) ?? [])
  for (const rendition of renditions) rendition.want()
  const changes: string[] = []
  const keepers = renditions.map((rendition) => new PublishedKeeper(rendition, changes))
  const metadata: TimedMetadata[] = []
  for (const { atMs, run } of eventsOf(packager, broadcast, { arrivals, metadata })) {
    clock.advance(Math.max(0, atMs - clock.monotonicMs()))
    run()
    for (const keeper of keepers) keeper.look()
  }
  clock.advance(TAIL_MS)
  for (const keeper of keepers) keeper.look()
  return { arrivals, renditions, changes, metadata }
}

function eventsOf(
  packager: StreamPackager,
  broadcast: SimulatedBroadcast,
  { arrivals, metadata }: { readonly arrivals: readonly ArrivingUnit[]; readonly metadata: TimedMetadata[] },
): Event[] {
  const placer = new MetadataPlacer(new DropCounts())
  const send = (sink: MediaSink, units: readonly ArrivingUnit[]): Event[] =>
    units.map(({ unit, atMs }) => ({ atMs, run: () => sink.onUnit(unit) }))
  const put = (text: string): void => {
    const piece = placer.put(text)
    if (!piece) return
    metadata.push(piece)
    packager.source.onMetadata(piece)
  }
  const endMs = (arrivals.at(-1)?.atMs ?? 0) + 1
  const rungEvents = broadcast.rungs.flatMap((rung, index) => {
    const sink = packager.rungSink(`r${index}`)
    sink.onTrack(SMALL_VIDEO)
    const video = simulateVideo(arrivals, broadcast.keyframes, rung)
    const shape = { ...rung, lagMs: rung.audioLagMs }
    const audio = rung.transcodesAudio ? simulateAudio(arrivals, shape) : []
    if (rung.transcodesAudio && broadcast.source.hasAudio) sink.onTrack(SAMPLE_AUDIO)
    const lastMs = Math.max(endMs, video.at(-1)?.atMs ?? 0, audio.at(-1)?.atMs ?? 0)
    return [...send(sink, video), ...send(sink, audio), { atMs: lastMs + 1, run: sink.onEnd }]
  })
  return [
    ...arrivals.map(({ unit, atMs }) => ({
      atMs,
      run: () => {
        if (unit.kind === 'video') placer.notePicture(unit.ptsTicks)
        packager.source.onUnit(unit)
      },
    })),
    ...(broadcast.metadataAtMs ?? []).map((atMs, index) => ({ atMs, run: () => put(String(index)) })),
    ...rungEvents,
    ...broadcast.discontinuedAtMs.map((atMs) => ({ atMs, run: packager.discontinue })),
    { atMs: endMs, run: packager.source.onEnd },
  ].sort((a, b) => a.atMs - b.atMs)
}

/** Remembers what a rendition showed and compares it with what it shows. */
class PublishedKeeper {
  readonly #rendition: LiveRendition
  readonly #changes: string[]
  readonly #seen = new Map<number, LiveSegment>()
  #version = -1

  constructor(rendition: LiveRendition, changes: string[]) {
    this.#rendition = rendition
    this.#changes = changes
  }

  look(): void {
    if (this.#version === this.#rendition.version()) return
    this.#version = this.#rendition.version()
    // Only the last few can have changed unnoticed; looking at all of them each time would take long.
    for (const segment of this.#rendition.segments().slice(-3)) this.#compare(segment)
  }

  #compare(now: LiveSegment): void {
    const before = this.#seen.get(now.msn)
    this.#seen.set(now.msn, snapshot(now))
    if (!before) return
    const isKept =
      before.programDateTimeMs === now.programDateTimeMs &&
      before.discontinuity === now.discontinuity &&
      before.gap === now.gap &&
      before.init === now.init &&
      before.parts.every((part, index) => part === now.parts[index]) &&
      (!before.complete || (now.complete && before.parts.length === now.parts.length))
    if (!isKept) this.#changes.push(`${this.#rendition.name} ${now.msn}`)
  }
}

function snapshot(segment: LiveSegment): LiveSegment {
  const { msn, programDateTimeMs, startTicks, elapsedTicks, discontinuity, gap, init } = segment
  const { durationTicks, sizeBytes, complete } = segment
  const head = { msn, programDateTimeMs, startTicks, elapsedTicks, discontinuity, gap, init }
  return { ...head, parts: [...segment.parts], durationTicks, sizeBytes, complete }
}
