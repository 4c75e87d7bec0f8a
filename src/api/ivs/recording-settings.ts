/**
 * What CreateRecordingConfiguration takes, as schemas.
 */
import { Type } from 'typebox'
import type { Static, TInteger, TObject, TOptional, TString, TUnsafe } from 'typebox'
import type { Tags } from '../../domain/channel.ts'
import type {
  RecordedResolution,
  RecordingConfigurationRequest,
  RenditionConfiguration,
  ThumbnailConfiguration,
} from '../../domain/recording-configuration.ts'
import { oneOf, resourceName, tags } from './members.ts'
import { pickMembers } from './pick-members.ts'

const MIN_BUCKET_CHARS = 3
const MAX_BUCKET_CHARS = 63
const MAX_INTERVAL_SECONDS = 60
const MAX_RECONNECT_WINDOW_SECONDS = 300
// The contract gives no limits; every word many times over fits in.
const MAX_LIST_ITEMS = 100

type Storage = NonNullable<ThumbnailConfiguration['storage']>

type RecordingMembers = {
  name: TOptional<TString>
  destinationConfiguration: TObject<{ s3: TObject<{ bucketName: TString }> }>
  tags: TOptional<TUnsafe<Tags>>
  thumbnailConfiguration: TOptional<
    TObject<{
      recordingMode: TOptional<TUnsafe<ThumbnailConfiguration['recordingMode']>>
      targetIntervalSeconds: TOptional<TInteger>
      resolution: TOptional<TUnsafe<RecordedResolution>>
      storage: TOptional<TUnsafe<Storage>>
    }>
  >
  recordingReconnectWindowSeconds: TOptional<TInteger>
  renditionConfiguration: TOptional<
    TObject<{
      renditionSelection: TOptional<TUnsafe<RenditionConfiguration['renditionSelection']>>
      renditions: TOptional<TUnsafe<readonly RecordedResolution[]>>
    }>
  >
}

const resolution = oneOf<RecordedResolution>(['SD', 'HD', 'FULL_HD', 'LOWEST_RESOLUTION'])
const storage: TUnsafe<Storage> = Type.Unsafe(
  Type.Array(oneOf(['SEQUENTIAL', 'LATEST']), { maxItems: MAX_LIST_ITEMS }),
)
const renditions: TUnsafe<readonly RecordedResolution[]> = Type.Unsafe(
  Type.Array(resolution, { maxItems: MAX_LIST_ITEMS }),
)

/** Schemas of the members. */
export const recordingMembers: RecordingMembers = {
  name: Type.Optional(resourceName),
  destinationConfiguration: Type.Object({
    s3: Type.Object({
      bucketName: Type.String({
        minLength: MIN_BUCKET_CHARS,
        maxLength: MAX_BUCKET_CHARS,
        pattern: '^[a-z0-9.-]+$',
      }),
    }),
  }),
  tags: Type.Optional(tags),
  thumbnailConfiguration: Type.Optional(
    Type.Object({
      recordingMode: Type.Optional(oneOf(['DISABLED', 'INTERVAL'])),
      targetIntervalSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_INTERVAL_SECONDS })),
      resolution: Type.Optional(resolution),
      storage: Type.Optional(storage),
    }),
  ),
  recordingReconnectWindowSeconds: Type.Optional(
    Type.Integer({ minimum: 0, maximum: MAX_RECONNECT_WINDOW_SECONDS }),
  ),
  renditionConfiguration: Type.Optional(
    Type.Object({
      renditionSelection: Type.Optional(oneOf(['ALL', 'NONE', 'CUSTOM'])),
      renditions: Type.Optional(renditions),
    }),
  ),
}

/** What the request asks for, in the words of the domain. */
export function toRecordingConfigurationRequest(
  input: Static<TObject<RecordingMembers>>,
): RecordingConfigurationRequest {
  const { thumbnailConfiguration: thumbnails, renditionConfiguration: selection } = input
  const reconnectWindowSeconds = input.recordingReconnectWindowSeconds
  return {
    ...pickMembers(input, ['name', 'tags']),
    bucketName: input.destinationConfiguration.s3.bucketName,
    ...(thumbnails && {
      thumbnails: pickMembers(thumbnails, [
        'recordingMode',
        'targetIntervalSeconds',
        'resolution',
        'storage',
      ]),
    }),
    ...(selection && { renditions: pickMembers(selection, ['renditionSelection', 'renditions']) }),
    ...(reconnectWindowSeconds !== undefined && { reconnectWindowSeconds }),
  }
}
