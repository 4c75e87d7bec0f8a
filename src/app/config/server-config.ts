/**
 * What a start of the server is made from: every setting, read, checked and typed.
 *
 * Meaning, default, unit and range of each field stand once, in `settings.ts`.
 */
import type { LogFormat, LogLevel } from '../../base/logger.ts'
import type { CallRates } from '../../domain/call-rates.ts'
import type { ChannelType } from '../../domain/channel.ts'
import type { IngestLimits } from '../../domain/ingest-limits.ts'
import type { ServiceLimits } from '../../domain/service-limits.ts'
import type { EventTarget } from '../../events/event-target.ts'
import type { VideoEncoder, X264Preset } from '../../transcode/video-encoders.ts'

/** A pair of credentials that API requests are signed with. */
export type AccessKey = {
  readonly id: string
  /** Never logged, never part of a message. */
  readonly secret: string
  /** Twelve digits: the account whose resources this key reaches. */
  readonly account: string
}

/** The settings of one server, after defaults, config file, environment and flags were merged. */
export type ServerConfig = {
  readonly host: string
  readonly httpPort: number
  readonly rtmpPort: number
  readonly tlsPort: number
  /** Undefined: made from the host and the HTTP port that was really opened, see `addresses.ts`. */
  readonly publicUrl: string | undefined
  /** Undefined: the host of the public URL. */
  readonly ingestEndpoint: string | undefined
  /** Given together with `tlsKeyFile` or not at all. */
  readonly tlsCertificateFile: string | undefined
  readonly tlsKeyFile: string | undefined
  readonly dataDir: string
  /** Undefined: SQLite in the data directory. Holds a password as a rule: never logged, never part of a message. */
  readonly databaseUrl: string | undefined
  readonly region: string
  readonly account: string
  readonly accessKeys: readonly AccessKey[]
  readonly throttling: 'on' | 'off'
  /** Calls per second; obeyed while `throttling` is on. */
  readonly callRates: CallRates
  readonly quotas: ServiceLimits
  readonly ingestLimits: 'on' | 'off'
  /** Obeyed while `ingestLimits` is on. */
  readonly ingestQuotas: IngestLimits
  readonly allowInsecureLoopbackIngest: boolean
  readonly eventTargets: readonly EventTarget[]
  /** May hold a token: never logged, never part of a message. */
  readonly eventWebhook: string | undefined
  /** Never logged, never part of a message; also when it was given by `eventWebhookSecretFile`. */
  readonly eventWebhookSecret: string | undefined
  readonly eventWebhookSecretFile: string | undefined
  readonly eventFile: string | undefined
  readonly demo: boolean
  readonly demoType: ChannelType
  readonly logFormat: LogFormat
  readonly logLevel: LogLevel
  readonly segmentMs: number
  readonly partMs: number
  readonly windowSeconds: number
  /** Path of the program, or a name that the system finds. */
  readonly ffmpeg: string
  readonly videoEncoder: VideoEncoder
  readonly x264Preset: X264Preset
  /** 0: one for each processor core. */
  readonly maxLadders: number
  readonly silenceTimeoutMs: number
  readonly handshakeTimeoutMs: number
  readonly publishTimeoutMs: number
  readonly audioOnlyTimeoutMs: number
  readonly maxStreams: number
  readonly maxPublishConnections: number
  readonly maxViewers: number
  readonly maxViewerConnections: number
  readonly maxReaderBacklogBytes: number
  readonly prometheus: 'on' | 'off'
  /** Never logged, never part of a message. */
  readonly prometheusToken: string | undefined
  readonly maxMetricBytes: number
  /** Addresses and CIDR blocks with commas between, see `app/viewer-address.ts`; undefined: none. */
  readonly trustedProxies: string | undefined
  /** Undefined: the packaged one. */
  readonly geoDatabase: string | undefined
  readonly tokenClockSkewSeconds: number
  readonly failedTokensPerMinute: number
  readonly adLeadSeconds: number
  /** Hosts, `host:port` and CIDR blocks with commas between; undefined: none but public addresses. */
  readonly adTargetAllow: string | undefined
  readonly adMarkers: 'player' | 'documented'
  readonly adBeaconRetrySeconds: number
  readonly adWorkers: number
  readonly maxAdCacheBytes: number
}

/** Name of a setting, as the config file spells it. */
export type SettingKey = keyof ServerConfig
