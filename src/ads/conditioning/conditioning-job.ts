/**
 * Conditions one creative: fetches it, looks at it, encodes it for a profile, checks the result and stores it.
 */
import { createHash } from 'node:crypto'
import { open, readFile, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { CREATIVE_KEYFRAME_MS, type AdProfile, type CreativeSource } from '../creative-library.ts'
import {
  conditioningArguments,
  pictureCount,
  plannedTracks,
  type PlannedTrack,
} from './conditioning-arguments.ts'
import { ConditioningError } from './conditioning-error.ts'
import { RECIPE_VERSION } from './creative-key.ts'
import { endTicksOf, type CreativeManifest, type StoredTrack } from './creative-manifest.ts'
import type { EncodingTurns } from './encoding-turns.ts'
import { fetchCreative, type CreativeFetcher } from './creative-fetch.ts'
import type { CreativeStore } from './creative-store.ts'
import { surveyCreative, type CreativeSurvey } from './creative-survey.ts'
import { readAudioTrack, readVideoTrack } from './creative-tracks.ts'
import { runMediaTool, type MediaTool, type PipeReader } from './media-tool.ts'

/** What jobs work with. */
export type ConditioningTools = {
  readonly outbound: CreativeFetcher
  readonly mediaTool: MediaTool
  readonly store: CreativeStore
  /** Fetching needs none: a host that sends slowly keeps no creative of another from being encoded. */
  readonly turns: EncodingTurns
}

/** One creative for one profile. */
export type ConditioningJob = {
  readonly key: string
  readonly source: CreativeSource
  readonly profile: AdProfile
}

/** What the encoding of one creative may take on the wall clock, in milliseconds. */
export const MAX_ENCODING_MS: number = 20 * 60_000

const TICKS_PER_MS = 90
/** Room for what the container adds, and for an encoder that is a little off. */
const CONTAINER_ALLOWANCE = 1.5
const MIN_TRACK_BYTES = 1024 * 1024

/**
 * Does the job.
 *
 * @returns what is stored now.
 * @throws {ConditioningError} with the reason; nothing of it is left behind then.
 */
export async function conditionCreative(
  tools: ConditioningTools,
  job: ConditioningJob,
  signal: AbortSignal,
): Promise<CreativeManifest> {
  const workspace = await tools.store.createWorkspace()
  try {
    const path = await fetchCreative(tools.outbound, job.source.url, workspace, signal)
    return await tools.turns.take(async () => {
      const survey = await surveyCreative(tools.mediaTool, path, signal)
      const tracks = await encode(tools.mediaTool, { workspace, path, survey, profile: job.profile }, signal)
      await rm(path)
      const durationTicks = survey.durationMs * TICKS_PER_MS
      const manifest = { recipe: RECIPE_VERSION, key: job.key, durationTicks, tracks }
      await tools.store.commit(workspace, manifest)
      return manifest
    })
  } finally {
    await tools.store.removeWorkspace(workspace)
  }
}

type Encoding = {
  readonly workspace: string
  readonly path: string
  readonly survey: CreativeSurvey
  readonly profile: AdProfile
}

async function encode(tool: MediaTool, encoding: Encoding, signal: AbortSignal): Promise<StoredTrack[]> {
  const { workspace, path, survey, profile } = encoding
  const planned = plannedTracks(profile)
  const writers = planned.map((track, index) => {
    return new TrackWriter(join(workspace, `${track.kind}-${index}.ts`), maxTrackBytes(track, survey))
  })
  await runMediaTool(tool, {
    args: conditioningArguments(path, survey, planned),
    readers: writers.map(({ write }) => write),
    deadlineMs: MAX_ENCODING_MS,
    signal,
    failureCode: 'CONDITIONING_FAILED',
  })
  const stored: StoredTrack[] = []
  for (const [index, track] of planned.entries()) {
    const { sizeBytes, digest } = writers[index]?.written ?? { sizeBytes: 0, digest: '' }
    const file = `${track.kind}-${index}.ts`
    await checkTrack(join(workspace, file), track, survey)
    stored.push({ kind: track.kind, file, sizeBytes, digest, renditions: track.renditions })
  }
  return stored
}

function maxTrackBytes(track: PlannedTrack, survey: CreativeSurvey): number {
  const bitrateBps = track.kind === 'video' ? track.picture.bitrateBps : track.bitrateBps
  const totalMs = endTicksOf({ durationTicks: survey.durationMs * TICKS_PER_MS }) / TICKS_PER_MS
  return MIN_TRACK_BYTES + Math.round((CONTAINER_ALLOWANCE * bitrateBps * totalMs) / 8000)
}

/** Writes what comes out of one pipe into a file, and adds it up. */
class TrackWriter {
  readonly #path: string
  readonly #maxBytes: number
  readonly #hash = createHash('sha256')
  #sizeBytes = 0

  constructor(path: string, maxBytes: number) {
    this.#path = path
    this.#maxBytes = maxBytes
  }

  readonly write: PipeReader = async (chunks) => {
    const file = await open(this.#path, 'wx')
    try {
      for await (const chunk of chunks) await this.#put(file, chunk)
    } finally {
      await file.close()
    }
  }

  /** Asked once, when everything is written. */
  get written(): { readonly sizeBytes: number; readonly digest: string } {
    return { sizeBytes: this.#sizeBytes, digest: this.#hash.digest('hex') }
  }

  async #put(file: FileHandle, chunk: Buffer): Promise<void> {
    this.#sizeBytes += chunk.length
    if (this.#sizeBytes > this.#maxBytes) {
      throw new ConditioningError('CONDITIONING_FAILED', `a track has more than ${this.#maxBytes} bytes`)
    }
    this.#hash.update(chunk)
    await file.writeFile(chunk)
  }
}

/** A creative that is not exactly what the stitcher counts on would stop players: it is rather not played. */
async function checkTrack(path: string, track: PlannedTrack, survey: CreativeSurvey): Promise<void> {
  const bytes = await readFile(path)
  const endTicks = endTicksOf({ durationTicks: survey.durationMs * TICKS_PER_MS })
  if (track.kind === 'audio') {
    const audio = await readAudioTrack(bytes, endTicks)
    const last = audio?.units.at(-1)
    // The last frame reaches the end.
    const isWhole = last !== undefined && last.ptsTicks + MAX_FRAME_TICKS >= endTicks
    if (!isWhole) throw new ConditioningError('CONDITIONING_FAILED', 'the encoder left sound out')
    return
  }
  const video = await readVideoTrack(bytes)
  if (video?.units.length !== pictureCount(survey, track.picture)) {
    throw new ConditioningError('CONDITIONING_FAILED', 'the encoder left pictures out')
  }
  const frameTicks = 1000 * (TICKS_PER_MS / track.picture.frameRate)
  const keyframes = video.units.filter(({ keyframe }) => keyframe)
  const isOnGrid = keyframes.every(({ ptsTicks }, index) => {
    const lateTicks = ptsTicks - index * CREATIVE_KEYFRAME_MS * TICKS_PER_MS
    return lateTicks > -TICKS_PER_MS && lateTicks < frameTicks
  })
  if (!isOnGrid) throw new ConditioningError('CONDITIONING_FAILED', 'the encoder put keyframes elsewhere')
}

/** 1024 samples at 48 kHz, in ticks of 90 kHz. */
const MAX_FRAME_TICKS = 1920
