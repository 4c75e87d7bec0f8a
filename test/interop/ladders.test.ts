/**
 * Ladders as viewers get them: real encoders publish, ffprobe and ffmpeg judge what every rendition serves.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { publishWithFfmpeg, type FfmpegPublisherOptions } from '../harness/ffmpeg-publisher.ts'
import {
  picturesOf,
  readRungs,
  readSegments,
  soundLags,
  timesHash,
  type ServedRung,
  type ServedSegment,
} from '../harness/ladder-reader.ts'
import { probePackets, probeTracks, type ProbedPacket } from '../harness/media/media-programs.ts'
import { startTestServer, type TestServer } from '../harness/test-server.ts'

type Source = Omit<FfmpegPublisherOptions, 'url'>
type Shape = { readonly type: string; readonly preset?: string }
type LadderCase = {
  readonly name: string
  readonly channel: Shape
  readonly source: Source
  /** `name resolution rate` in the playlist's order. */
  readonly rungs: readonly string[]
}

const STANDARD = { type: 'STANDARD' }
const LOW_30 = ['480p30 852x480 30', '360p30 640x360 30', '160p30 284x160 30']
/** At half its pace: whether a machine makes such a ladder in real time is for the bench to find out. */
const SLOWED = { speed: 0.5 } as const
/** At 30 pictures a second each flash begins with its beep, to the millisecond. */
const FLASHES = { scene: 'flash-and-beep', bFrames: 2 } as const

/**
 * One for each type and preset, and each kind of source; `npm run bench:ladders` has every source to every channel.
 * Two run at once: next to a large one stands a small one.
 */
const CASES: readonly LadderCase[] = [
  {
    name: '1080p60',
    channel: STANDARD,
    source: { ...SLOWED, size: '1920x1080', frameRate: 60 },
    rungs: ['chunked 1920x1080 60', '720p60 1280x720 60', ...LOW_30],
  },
  {
    name: '360p30 with flashes and beeps in mono at 44.1 kHz',
    channel: STANDARD,
    source: { ...FLASHES, size: '640x360', sampleRate: 44_100, audioChannels: 1, speed: 2 },
    rungs: ['360p30 640x360 30', '160p30 284x160 30'],
  },
  {
    name: '480p30 with flashes and beeps',
    channel: STANDARD,
    source: { ...FLASHES, size: '852x480' },
    rungs: LOW_30,
  },
  {
    name: '1080p30 with B-frames to ADVANCED_HD',
    channel: { type: 'ADVANCED_HD' },
    source: { ...SLOWED, size: '1920x1080', bFrames: 2 },
    rungs: ['720p30 1280x720 30', ...LOW_30, 'audio_only'],
  },
  {
    name: '720p60 to ADVANCED_HD on a tight line',
    channel: { type: 'ADVANCED_HD', preset: 'CONSTRAINED_BANDWIDTH_DELIVERY' },
    source: { ...SLOWED, size: '1280x720', frameRate: 60 },
    rungs: ['720p60 1280x720 60', ...LOW_30, 'audio_only'],
  },
  {
    name: '480p30 with flashes and beeps at 44.1 kHz to ADVANCED_SD on a tight line',
    channel: { type: 'ADVANCED_SD', preset: 'CONSTRAINED_BANDWIDTH_DELIVERY' },
    source: { ...FLASHES, size: '852x480', sampleRate: 44_100 },
    rungs: [...LOW_30, 'audio_only'],
  },
  {
    name: 'portrait 720p25',
    channel: STANDARD,
    source: { size: '720x1280', frameRate: 25 },
    rungs: ['720p30 720x1280 25', '480p30 480x852 25', '360p30 360x640 25', '160p30 160x284 25'],
  },
  {
    name: '720p30 with long keyframe intervals to ADVANCED_SD',
    channel: { type: 'ADVANCED_SD' },
    source: { size: '1280x720', keyframeSeconds: 5 },
    rungs: [...LOW_30, 'audio_only'],
  },
  {
    name: '720p29.97 with B-frames and mono sound at 44.1 kHz',
    channel: STANDARD,
    source: { size: '1280x720', frameRate: 29.97, bFrames: 2, sampleRate: 44_100, audioChannels: 1 },
    rungs: ['720p30 1280x720 29.97', '480p30 852x480 29.97', '360p30 640x360 29.97', '160p30 284x160 29.97'],
  },
]

const SEGMENTS_READ = 3
const READ_LIMIT_MS = 40_000
const LONG_RUN_MS = 120_000
/** A ladder that small is made faster than it plays. */
const LONG_RUN_SPEED = 4
const LONG_RUN_LOOK_MS = 2000
const SEGMENTS_PROBED_AT_ONCE = 15
/** As many as a small machine transcodes in real time. */
const LADDERS_AT_ONCE = 2
/** Tests wait for their turn, all of them from the start on. */
const PATIENT = { timeout: 300_000 }
/** Apple's authoring rules let the peak of a live segment differ from BANDWIDTH by a quarter. */
const LIVE_PEAK_TOLERANCE = 1.25
/** An AAC frame at 44.1 kHz, in seconds. */
const AUDIO_FRAME_S = 1024 / 44_100

let server: TestServer
beforeAll(async () => {
  // The quick preset: what is looked at here is where the pictures are, not how good they are.
  server = await startTestServer({ flags: { maxLadders: '8', x264Preset: 'ultrafast' } })
})
afterAll(() => server[Symbol.asyncDispose]())

test.concurrent.for(CASES)(
  '$name gives exactly its rungs, cut alike, in step with their sound',
  PATIENT,
  (ladderCase) => inTurn(() => expectLadder(ladderCase)),
)

async function expectLadder(ladderCase: LadderCase): Promise<void> {
  const { source, rungs } = ladderCase
  const { served, media } = await publishAndRead(ladderCase)
  expect(served.map(describeRung)).toEqual(rungs)
  await expectSamePictures(served, media)
  for (const rung of served) {
    const segments = media.get(rung.name) ?? []
    expectRungAsAnnounced(rung, segments)
    await expectTracksAsAnnounced(rung, segments, source)
    if (source.scene === 'flash-and-beep' && rung.resolution !== undefined)
      await expectSoundInStep(rung, segments)
  }
}

/** All rungs and the same segments of each; what is judged later needs no publisher any more. */
async function publishAndRead({ channel: shape, source, rungs }: LadderCase): Promise<{
  readonly served: readonly ServedRung[]
  readonly media: ReadonlyMap<string, readonly ServedSegment[]>
}> {
  const channel = await server.createChannel({ ...(shape as object), name: 'ladder' })
  await using _publisher = await publishWithFfmpeg({ ...source, url: channel.rtmpUrl })
  await server.untilLive(channel)
  const served = await readAllRungs(channel.playbackUrl, rungs.length)
  return { served, media: await readAlike(served) }
}

async function expectSoundInStep(rung: ServedRung, segments: readonly ServedSegment[]): Promise<void> {
  const lags = await soundLags(mediaOf(segments))
  expect(lags.length, rung.name).toBeGreaterThan(2)
  for (const lagS of lags) expect(Math.abs(lagS), rung.name).toBeLessThan(AUDIO_FRAME_S)
}

test.concurrent('keyframes, segments and times are equal on all rungs for two minutes', PATIENT, () =>
  inTurn(async () => {
    const followed = await followTwoMinutes()
    const [reference = new Map<number, ServedSegment>(), ...others] = [...followed.values()]
    expect(reference.size).toBeGreaterThan(LONG_RUN_MS / 2000 - 10)
    for (const other of others) {
      expect(other.size).toBeGreaterThan(reference.size - 5)
      for (const [msn, segment] of other) {
        const peer = reference.get(msn)
        if (!peer) continue
        expect(faceOf(segment)).toEqual(faceOf(peer))
      }
    }
    const isSeenOnAll = (msn: number): boolean =>
      [...followed.values()].every((segments) => segments.has(msn))
    const hashes = await Promise.all(
      [...followed.values()].map((segments) => hashOfAll(segments, isSeenOnAll)),
    )
    expect(new Set(hashes).size).toBe(1)
  }),
)

const turns: Promise<unknown>[] = Array.from({ length: LADDERS_AT_ONCE }, () => Promise.resolve())
let nextTurn = 0

/** Runs `work` when one of the places is free. */
async function inTurn(work: () => Promise<void>): Promise<void> {
  const place = nextTurn++ % LADDERS_AT_ONCE
  const before = turns[place]
  const mine = Promise.resolve(before).then(work)
  turns[place] = mine.catch(() => undefined)
  await mine
}

/** Follows two minutes of a 360p STANDARD stream. */
async function followTwoMinutes(): Promise<ReadonlyMap<string, ReadonlyMap<number, ServedSegment>>> {
  const channel = await server.createChannel({ type: 'STANDARD', name: 'two-minutes' })
  const source: Source = { size: '640x360', bFrames: 2, speed: LONG_RUN_SPEED }
  await using _publisher = await publishWithFfmpeg({ ...source, url: channel.rtmpUrl })
  await server.untilLive(channel)
  const followed = new Map<string, Map<number, ServedSegment>>()
  const endMs = Date.now() + LONG_RUN_MS / LONG_RUN_SPEED
  const rungs = await readRungs(channel.playbackUrl)
  while (Date.now() < endMs) {
    for (const rung of rungs) {
      const segments = followed.get(rung.name) ?? new Map<number, ServedSegment>()
      followed.set(rung.name, segments)
      for (const segment of await readSegments(rung)) segments.set(segment.msn, segment)
    }
    await sleep(LONG_RUN_LOOK_MS)
  }
  return followed
}

async function hashOfAll(
  segments: ReadonlyMap<number, ServedSegment>,
  isCompared: (msn: number) => boolean,
): Promise<string> {
  const compared = [...segments.values()].filter(({ msn }) => isCompared(msn)).sort((a, b) => a.msn - b.msn)
  const pictures = []
  for (let from = 0; from < compared.length; from += SEGMENTS_PROBED_AT_ONCE) {
    const packets = await probePackets(mediaOf(compared.slice(from, from + SEGMENTS_PROBED_AT_ONCE)))
    pictures.push(...packets.filter(({ kind }) => kind === 'video'))
  }
  return timesHash(pictures)
}

function mediaOf(segments: readonly ServedSegment[]): Buffer {
  return Buffer.concat(segments.map(({ body }) => body))
}

/** What of a segment must be the same on every rung. */
function faceOf(segment: ServedSegment): object {
  const { msn, durationS, programDateTime, discontinuity, gap } = segment
  return { msn, durationS, programDateTime, discontinuity, gap }
}

function describeRung(rung: ServedRung): string {
  const rate = rung.frameRate === undefined ? undefined : String(rung.frameRate)
  return [rung.name, rung.resolution, rate].filter((word) => word !== undefined).join(' ')
}

/** The renditions once all are there: those that a busy machine makes late are only named to later viewers. */
async function readAllRungs(playbackUrl: string, count: number): Promise<readonly ServedRung[]> {
  const deadlineMs = Date.now() + READ_LIMIT_MS
  for (;;) {
    const served = await readRungs(playbackUrl)
    if (served.length >= count || Date.now() > deadlineMs) return served
    await sleep(500)
  }
}

/** The first segments that every rung has whole, the same numbers on each. */
async function readAlike(
  rungs: readonly ServedRung[],
): Promise<ReadonlyMap<string, readonly ServedSegment[]>> {
  const deadlineMs = Date.now() + READ_LIMIT_MS
  for (;;) {
    const listed = await Promise.all(rungs.map(readSegments))
    const firstMsn = Math.max(...listed.map((segments) => segments[0]?.msn ?? Infinity))
    const common = listed.map((segments) => segments.filter(({ msn }) => msn >= firstMsn))
    if (common.every((segments) => segments.length >= SEGMENTS_READ)) {
      return new Map(rungs.map(({ name }, index) => [name, common[index]?.slice(0, SEGMENTS_READ) ?? []]))
    }
    if (Date.now() > deadlineMs) throw new Error('some rungs have too few segments')
    await sleep(500)
  }
}

async function expectSamePictures(
  rungs: readonly ServedRung[],
  media: ReadonlyMap<string, readonly ServedSegment[]>,
): Promise<void> {
  const [top] = rungs
  const reference = media.get(top?.name ?? '') ?? []
  const peersOf = new Map<ServedSegment, readonly ProbedPacket[]>()
  for (const segment of reference) peersOf.set(segment, await picturesOf(segment))
  for (const rung of rungs) {
    const segments = media.get(rung.name) ?? []
    expect(segments.map(faceOf), rung.name).toEqual(reference.map(faceOf))
    if (rung.resolution === undefined) continue
    const keepsEvery = Math.round((top?.frameRate ?? 0) / (rung.frameRate ?? 1))
    for (const [index, segment] of segments.entries()) {
      const pictures = peersOf.get(segment) ?? (await picturesOf(segment))
      const peers = inOrder(peersOf.get(reference[index] ?? segment) ?? [])
      const expected = peers.filter((_, position) => position % keepsEvery === 0)
      expect(timesHash(pictures), `${rung.name} segment ${segment.msn}`).toBe(timesHash(expected))
      expect(pictures[0]?.keyframe, rung.name).toBe(true)
      expect(pictures[0]?.dts, rung.name).toBe(expected[0]?.dts)
    }
  }
}

/** The media itself is what the playlist says of it, and its sound as that of the source. */
async function expectTracksAsAnnounced(
  rung: ServedRung,
  segments: readonly ServedSegment[],
  { sampleRate = 48_000, audioChannels = 2 }: Source,
): Promise<void> {
  const tracks = await probeTracks(segments[0]?.body ?? Buffer.alloc(0))
  const video = tracks.find(({ kind }) => kind === 'video')
  expect(video && `${video.width}x${video.height}`, rung.name).toBe(rung.resolution)
  const level = /avc1\.[0-9A-F]{4}([0-9A-F]{2})/.exec(rung.codecs)?.[1]
  expect(video?.level, rung.name).toBe(level === undefined ? undefined : Number.parseInt(level, 16))
  const audio = tracks.find(({ kind }) => kind === 'audio')
  expect(audio, rung.name).toMatchObject({ codec: 'aac', sampleRate, channels: audioChannels })
}

function inOrder<Packet extends { readonly pts: number }>(packets: readonly Packet[]): Packet[] {
  return [...packets].sort((a, b) => a.pts - b.pts)
}

/** The source's own rate is its publisher's affair; a transcoded rung keeps to what the playlist promised at the start. */
function expectRungAsAnnounced(rung: ServedRung, segments: readonly ServedSegment[]): void {
  if (rung.name === 'chunked') return
  for (const segment of segments) {
    const bps = (segment.body.length * 8) / Number(segment.durationS)
    expect(bps, `${rung.name} segment ${segment.msn}`).toBeLessThanOrEqual(
      rung.bandwidthBps * LIVE_PEAK_TOLERANCE,
    )
  }
}
