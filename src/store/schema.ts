/**
 * The tables, as queries see them: text, whole numbers, and JSON as text, so that every database has them.
 */

/** One row of `channel`. */
export type ChannelRow = {
  readonly arn: string
  readonly account_id: string
  readonly id: string
  readonly name: string
  readonly latency_mode: string
  readonly type: string
  readonly preset: string
  /** 0 or 1, like every yes-or-no here. */
  readonly authorized: number
  readonly insecure_ingest: number
  readonly container_format: string
  /** JSON. */
  readonly multitrack_input: string
  /** Empty when there is none, like the two below. */
  readonly recording_configuration_arn: string
  readonly playback_restriction_policy_arn: string
  readonly ad_configuration_arn: string
  readonly srt_passphrase: string
  /** JSON object of strings. */
  readonly tags: string
  /** Milliseconds since the Unix epoch. */
  readonly created_at_ms: number
}

/** One row of `stream_key`. */
export type StreamKeyRow = {
  readonly arn: string
  readonly account_id: string
  readonly channel_arn: string
  readonly value: string
  readonly tags: string
  readonly created_at_ms: number
}

/** One row of `playback_key_pair`. */
export type PlaybackKeyPairRow = {
  readonly arn: string
  readonly account_id: string
  readonly name: string
  readonly fingerprint: string
  readonly public_key_pem: string
  readonly tags: string
  readonly created_at_ms: number
}

/** One row of `playback_restriction_policy`. */
export type PlaybackRestrictionPolicyRow = {
  readonly arn: string
  readonly account_id: string
  readonly name: string
  /** JSON list of strings, like the one below. */
  readonly allowed_countries: string
  readonly allowed_origins: string
  readonly strict_origin: number
  readonly tags: string
  readonly created_at_ms: number
}

/** One row of `recording_configuration`. */
export type RecordingConfigurationRow = {
  readonly arn: string
  readonly account_id: string
  readonly name: string
  readonly bucket_name: string
  readonly state: string
  /** JSON, like the one below. */
  readonly thumbnails: string
  readonly renditions: string
  readonly reconnect_window_seconds: number
  readonly tags: string
  readonly created_at_ms: number
}

/** One row of `ad_configuration`. */
export type AdConfigurationRow = {
  readonly arn: string
  readonly account_id: string
  readonly name: string
  /** JSON list of strings. */
  readonly playback_configuration_arns: string
  /** JSON. */
  readonly post_roll: string
  readonly tags: string
  readonly created_at_ms: number
}

/** One row of `playback_configuration`. */
export type PlaybackConfigurationRow = {
  readonly arn: string
  readonly account_id: string
  /** What of the account shows in addresses. */
  readonly account_hash: string
  readonly name: string
  /** JSON: the members that were put. */
  readonly document: string
  readonly tags: string
  readonly created_at_ms: number
}

/** One row of `prefetch_schedule`. */
export type PrefetchScheduleRow = {
  readonly arn: string
  readonly account_id: string
  /** Name of its playback configuration. */
  readonly configuration_name: string
  readonly name: string
  readonly schedule_type: string
  /** Empty when it is not for one stream alone. */
  readonly stream_id: string
  readonly ends_at_ms: number
  /** JSON: the members that were given. */
  readonly document: string
  readonly tags: string
  readonly created_at_ms: number
}

/** How many resources of one type an account has; kept beside them in the same transaction. */
export type ResourceCountRow = {
  readonly account_id: string
  readonly resource_type: string
  readonly count: number
}

/** One row of `stream_session`. It refers to no channel: it outlives its own. */
export type StreamSessionRow = {
  readonly stream_id: string
  readonly account_id: string
  readonly channel_arn: string
  /** The server that the publisher was connected to. */
  readonly node_id: string
  /** JSON: the channel as it was. */
  readonly channel: string
  /** JSON; null when nothing is recorded. */
  readonly recording_configuration: string | null
  /** JSON; null until it is known. */
  readonly ingest: string | null
  readonly created_at_ms: number
  readonly started_at_ms: number | null
  readonly ended_at_ms: number | null
  /** When that server was last seen at work on it. */
  readonly alive_at_ms: number
  /** Number of its newest event. */
  readonly last_event_number: number
  readonly has_error_event: number
}

/** One row of `stream_event`. */
export type StreamEventRow = {
  readonly stream_id: string
  /** Counts from 1 within the session. */
  readonly number: number
  readonly name: string
  readonly type: string
  readonly time_ms: number
  readonly code: string | null
}

/** One row of `viewer_session_revocation`. */
export type ViewerSessionRevocationRow = {
  readonly channel_arn: string
  readonly viewer_id: string
  readonly account_id: string
  readonly version: number
  readonly revoked_at_ms: number
}

/** One row of `spent_token`. */
export type SpentTokenRow = {
  readonly channel_arn: string
  /** The token's `aws:single-use-uuid`, in lower case. */
  readonly token_id: string
  readonly expires_at_ms: number
}

/** Counts a row of numbered things. */
export type EventHeadRow = { readonly name: string; readonly sequence: number }

/** One row of `event_outbox`. */
export type EventOutboxRow = {
  readonly sequence: number
  readonly event_id: string
  readonly account_id: string
  /** Events of one lane stay in order. */
  readonly lane: string
  readonly written_at_ms: number
  /** JSON. */
  readonly body: string
}

/** One row of `event_target`. */
export type EventTargetRow = {
  readonly name: string
  readonly cursor: number
  /** The server that feeds it, or last did. */
  readonly node_id: string
  readonly leased_until_ms: number
  /** Events it never got. */
  readonly dead_letters: number
}

/** One row of `event_parked`. */
export type EventParkedRow = {
  readonly target: string
  readonly sequence: number
  readonly lane: string
  readonly attempts: number
  readonly retry_at_ms: number
}

/** One row of `event_dead_letter`. */
export type EventDeadLetterRow = {
  readonly sequence: number
  readonly target: string
  readonly event_id: string
  readonly account_id: string
  readonly body: string
  readonly attempts: number
  readonly reason: string
  readonly died_at_ms: number
}

/** One row of `beacon`. */
export type BeaconRow = {
  readonly key: string
  /** The server that sends it. */
  readonly node_id: string
  /** 0 waiting, 1 on its way. */
  readonly state: number
  readonly lane: string
  readonly place: number
  readonly due_at_ms: number
  readonly retry_at_ms: number
  /** JSON. */
  readonly body: string
}

/** One row of `beacon_chain`: what was due in one viewing session and break. */
export type BeaconChainRow = {
  readonly chain: string
  readonly touched_at_ms: number
  /** JSON list. */
  readonly events: string
}

/** One row of `beacon_node`. */
export type BeaconNodeRow = { readonly node_id: string; readonly alive_at_ms: number }

/** A secret of the service's own, base64. */
export type SecretRow = { readonly name: string; readonly value: string }

/** A change of the tables that has been made. */
export type MigrationRow = { readonly name: string; readonly applied_at_ms: number }

/** All tables by name. */
export type Tables = {
  readonly channel: ChannelRow
  readonly stream_key: StreamKeyRow
  readonly playback_key_pair: PlaybackKeyPairRow
  readonly playback_restriction_policy: PlaybackRestrictionPolicyRow
  readonly recording_configuration: RecordingConfigurationRow
  readonly ad_configuration: AdConfigurationRow
  readonly playback_configuration: PlaybackConfigurationRow
  readonly prefetch_schedule: PrefetchScheduleRow
  readonly resource_count: ResourceCountRow
  readonly stream_session: StreamSessionRow
  readonly stream_event: StreamEventRow
  readonly viewer_session_revocation: ViewerSessionRevocationRow
  readonly spent_token: SpentTokenRow
  readonly event_head: EventHeadRow
  readonly event_outbox: EventOutboxRow
  readonly event_target: EventTargetRow
  readonly event_parked: EventParkedRow
  readonly event_dead_letter: EventDeadLetterRow
  readonly beacon: BeaconRow
  readonly beacon_node: BeaconNodeRow
  readonly beacon_chain: BeaconChainRow
  readonly secret: SecretRow
  readonly schema_migration: MigrationRow
}
