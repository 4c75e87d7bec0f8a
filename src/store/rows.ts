/**
 * Rows to domain objects and back.
 */
import type { Channel, ChannelSummary, MultitrackInput, StreamKey, Tags } from '../domain/channel.ts'
import type { ChannelRow, StreamKeyRow } from './schema.ts'

/** The row that keeps `channel`. */
export function toChannelRow(channel: Channel): ChannelRow {
  return {
    arn: channel.arn,
    account_id: channel.accountId,
    id: channel.id,
    name: channel.name,
    latency_mode: channel.latencyMode,
    type: channel.type,
    preset: channel.preset,
    authorized: Number(channel.authorized),
    insecure_ingest: Number(channel.insecureIngest),
    container_format: channel.containerFormat,
    multitrack_input: JSON.stringify(channel.multitrackInput),
    recording_configuration_arn: channel.recordingConfigurationArn,
    playback_restriction_policy_arn: channel.playbackRestrictionPolicyArn,
    ad_configuration_arn: channel.adConfigurationArn,
    srt_passphrase: channel.srtPassphrase,
    tags: JSON.stringify(channel.tags),
    created_at_ms: channel.createdAtMs,
  }
}

/** The channel that `row` keeps; only `toChannelRow` wrote it, so its words are trusted. */
export function fromChannelRow(row: ChannelRow): Channel {
  return {
    ...fromChannelSummaryRow(row),
    accountId: row.account_id,
    id: row.id,
    containerFormat: row.container_format as Channel['containerFormat'],
    multitrackInput: JSON.parse(row.multitrack_input) as MultitrackInput,
    srtPassphrase: row.srt_passphrase,
  }
}

/** The columns that a summary is made of. */
export const CHANNEL_SUMMARY_COLUMNS = [
  'arn',
  'name',
  'latency_mode',
  'type',
  'preset',
  'authorized',
  'insecure_ingest',
  'recording_configuration_arn',
  'playback_restriction_policy_arn',
  'ad_configuration_arn',
  'tags',
  'created_at_ms',
] as const

/** The summary in `row`. */
export function fromChannelSummaryRow(
  row: Pick<ChannelRow, (typeof CHANNEL_SUMMARY_COLUMNS)[number]>,
): ChannelSummary {
  return {
    arn: row.arn,
    name: row.name,
    latencyMode: row.latency_mode as Channel['latencyMode'],
    type: row.type as Channel['type'],
    preset: row.preset as Channel['preset'],
    authorized: row.authorized === 1,
    insecureIngest: row.insecure_ingest === 1,
    recordingConfigurationArn: row.recording_configuration_arn,
    playbackRestrictionPolicyArn: row.playback_restriction_policy_arn,
    adConfigurationArn: row.ad_configuration_arn,
    tags: JSON.parse(row.tags) as Tags,
    createdAtMs: row.created_at_ms,
  }
}

/** The row that keeps `streamKey`. */
export function toStreamKeyRow(streamKey: StreamKey): StreamKeyRow {
  return {
    arn: streamKey.arn,
    account_id: streamKey.accountId,
    channel_arn: streamKey.channelArn,
    value: streamKey.value,
    tags: JSON.stringify(streamKey.tags),
    created_at_ms: streamKey.createdAtMs,
  }
}

/** The stream key that `row` keeps. */
export function fromStreamKeyRow(row: StreamKeyRow): StreamKey {
  return {
    arn: row.arn,
    accountId: row.account_id,
    channelArn: row.channel_arn,
    value: row.value,
    tags: JSON.parse(row.tags) as Tags,
    createdAtMs: row.created_at_ms,
  }
}
