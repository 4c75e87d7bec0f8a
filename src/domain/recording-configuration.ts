/**
 * Recording configurations: where the recordings of a channel go, and what they hold
 * (reference ivs-api §7 CreateRecordingConfiguration; ivs-behaviour §9, §10).
 *
 * Pure apart from drawing random identifiers. Recording is not done here.
 */
import type { Birth } from './channel-rules.ts'
import type { Tags } from './channel.ts'
import { DomainError } from './errors.ts'
import { bearResource } from './resource-birth.ts'
import type { BornResource } from './resource-birth.ts'

/** `CREATING` until it is known whether the bucket can be written. */
export type RecordingConfigurationState = 'CREATING' | 'CREATE_FAILED' | 'ACTIVE'

/** Picture size of a thumbnail or recorded rendition. */
export type RecordedResolution = 'SD' | 'HD' | 'FULL_HD' | 'LOWEST_RESOLUTION'

/** Which pictures are stored beside a recording. */
export type ThumbnailConfiguration = {
  readonly recordingMode: 'DISABLED' | 'INTERVAL'
  /** 1 to 60; only with `INTERVAL`. */
  readonly targetIntervalSeconds?: number
  /** Absent: that of the source. */
  readonly resolution?: RecordedResolution
  readonly storage?: readonly ('SEQUENTIAL' | 'LATEST')[]
}

/** Which renditions are recorded. */
export type RenditionConfiguration = {
  readonly renditionSelection: 'ALL' | 'NONE' | 'CUSTOM'
  /** Only with `CUSTOM`, and then at least one. */
  readonly renditions?: readonly RecordedResolution[]
}

/** Where and what to record. It never changes, but for its state and tags. */
export type RecordingConfiguration = BornResource & {
  readonly name: string
  readonly bucketName: string
  readonly state: RecordingConfigurationState
  readonly thumbnails: ThumbnailConfiguration
  readonly renditions: RenditionConfiguration
  /** 0 to 300; a publisher who returns within it continues the same recording. */
  readonly reconnectWindowSeconds: number
}

/** What an owner asks for. */
export type RecordingConfigurationRequest = {
  readonly bucketName: string
  readonly name?: string
  readonly thumbnails?: Partial<ThumbnailConfiguration>
  readonly renditions?: Partial<RenditionConfiguration>
  readonly reconnectWindowSeconds?: number
  readonly tags?: Tags
}

/** Whether recordings can be written to a bucket. */
export type BucketCheck =
  | { readonly kind: 'writable' }
  /** `reason` is for the operator's log. */
  | { readonly kind: 'unwritable'; readonly reason: string }

/** The buckets that recordings go to. */
export type RecordingBuckets = {
  readonly check: (bucketName: string) => Promise<BucketCheck>
}

/** Takes new recording configurations out of `CREATING`. */
export type RecordingActivation = {
  /** There is one more; returns at once. */
  readonly wake: () => void
}

const DEFAULT_INTERVAL_SECONDS = 60

/**
 * A new recording configuration in state `CREATING`.
 *
 * @throws {DomainError} `VALIDATION` when settings do not go together.
 */
export function newRecordingConfiguration(
  birth: Birth,
  request: RecordingConfigurationRequest,
): RecordingConfiguration {
  return {
    ...bearResource(birth, 'recording-configuration', request.tags),
    name: request.name ?? '',
    bucketName: request.bucketName,
    state: 'CREATING',
    thumbnails: thumbnailsOf(request.thumbnails ?? {}),
    renditions: renditionsOf(request.renditions ?? {}),
    reconnectWindowSeconds: request.reconnectWindowSeconds ?? 0,
  }
}

function thumbnailsOf(wanted: Partial<ThumbnailConfiguration>): ThumbnailConfiguration {
  const recordingMode = wanted.recordingMode ?? 'INTERVAL'
  if (recordingMode === 'INTERVAL') {
    return {
      ...wanted,
      recordingMode,
      targetIntervalSeconds: wanted.targetIntervalSeconds ?? DEFAULT_INTERVAL_SECONDS,
      storage: wanted.storage?.length ? wanted.storage : ['SEQUENTIAL'],
    }
  }
  if (wanted.targetIntervalSeconds !== undefined) {
    throw refusal('thumbnailConfiguration.targetIntervalSeconds needs recordingMode INTERVAL')
  }
  return { ...wanted, recordingMode }
}

function renditionsOf(wanted: Partial<RenditionConfiguration>): RenditionConfiguration {
  const { renditionSelection = 'ALL', renditions = [] } = wanted
  if (renditionSelection === 'CUSTOM') {
    if (renditions.length > 0) return { renditionSelection, renditions }
    throw refusal('renditionConfiguration.renditionSelection CUSTOM needs renditions')
  }
  if (renditions.length === 0) return { renditionSelection }
  throw refusal('renditionConfiguration.renditions needs renditionSelection CUSTOM')
}

function refusal(fault: string): DomainError {
  return new DomainError('VALIDATION', fault)
}
