/**
 * Recording configurations as answers show them (reference ivs-api §8, RecordingConfiguration and
 * RecordingConfigurationSummary).
 */
import type {
  RecordingConfiguration,
  RenditionConfiguration,
  ThumbnailConfiguration,
} from '../../domain/recording-configuration.ts'

/** A recording configuration in a list. */
export type RecordingConfigurationSummaryShape = Pick<
  RecordingConfiguration,
  'arn' | 'name' | 'state' | 'tags'
> & {
  readonly destinationConfiguration: { readonly s3: { readonly bucketName: string } }
}

/** A recording configuration by itself. */
export type RecordingConfigurationShape = RecordingConfigurationSummaryShape & {
  readonly thumbnailConfiguration: ThumbnailConfiguration
  readonly recordingReconnectWindowSeconds: number
  readonly renditionConfiguration: RenditionConfiguration
}

/** Shows a recording configuration with everything it records. */
export function toRecordingConfigurationShape(
  configuration: RecordingConfiguration,
): RecordingConfigurationShape {
  return {
    ...toRecordingConfigurationSummary(configuration),
    thumbnailConfiguration: configuration.thumbnails,
    recordingReconnectWindowSeconds: configuration.reconnectWindowSeconds,
    renditionConfiguration: configuration.renditions,
  }
}

/** Shows a recording configuration in a list. */
export function toRecordingConfigurationSummary(
  configuration: RecordingConfiguration,
): RecordingConfigurationSummaryShape {
  return {
    arn: configuration.arn,
    name: configuration.name,
    destinationConfiguration: { s3: { bucketName: configuration.bucketName } },
    state: configuration.state,
    tags: configuration.tags,
  }
}
