/**
 * Every setting of the server: default, unit, range and one sentence. Those of ads stand in `ad-settings.ts`; no other place
 * holds any.
 *
 * `config.example.yaml` and `docs/reference/settings.md` are printed from this table (`npm run docs:settings`), and a
 * rule test compares them with it.
 */
import { resolve } from 'node:path'
import { parseTrustedProxies } from '../viewer-address.ts'
import { DEFAULT_CALL_RATES } from '../../domain/call-rates.ts'
import { DEFAULT_INGEST_LIMITS } from '../../domain/ingest-limits.ts'
import { VIDEO_ENCODERS, X264_PRESETS } from '../../transcode/video-encoders.ts'
import { DEFAULT_SERVICE_LIMITS } from '../../domain/service-limits.ts'
import { adSettings } from './ad-settings.ts'
import type { SettingKey } from './server-config.ts'
import { WEBHOOK_URL } from './event-targets.ts'
import { isHostName } from './hosts.ts'
import type { Setting, SettingTable } from './setting.ts'

const PORT = { kind: 'integer', min: 0, max: 65_535 } as const
const TIMEOUT = { kind: 'integer', unit: 'milliseconds', min: 1_000 } as const
const FILE = {
  kind: 'text',
  default: undefined,
  want: 'a path',
  read: (text: string) => (text === '' ? undefined : resolve(text)),
} as const

/** The table, in the order in which documents show it. */
export const settings: SettingTable<SettingKey> = {
  host: {
    kind: 'text',
    doc: 'Address to listen on; anything but loopback needs access keys.',
    default: '127.0.0.1',
    want: 'a host name or an IP address',
    read: (text) => (isHostName(text) ? text : undefined),
  },
  httpPort: {
    ...PORT,
    default: 8080,
    doc: 'Port of the API, the web page and playback; 0 picks a free one.',
  },
  rtmpPort: { ...PORT, default: 1935, doc: 'Port where encoders publish over RTMP; 0 picks a free one.' },
  tlsPort: { ...PORT, default: 8443, doc: 'Port of HTTPS and RTMPS together; 0 picks a free one.' },
  publicUrl: {
    kind: 'text',
    doc: 'Where players and SDKs reach this server; it stands at the head of every playback URL.',
    default: undefined,
    defaultMeaning: 'http://<host>:<http-port>',
    want: 'an http or https URL without query and fragment',
    read: readBaseUrl,
  },
  ingestEndpoint: {
    kind: 'text',
    doc: 'Bare host name that the API tells encoders to publish to.',
    default: undefined,
    defaultMeaning: 'the host of the public URL',
    want: 'a host name or an IP address, without scheme and port',
    read: (text) => (isHostName(text) ? text : undefined),
  },
  tlsCertificateFile: {
    ...FILE,
    doc: 'PEM file with the certificate chain for HTTPS and RTMPS; needs tlsKeyFile.',
    defaultMeaning: 'a self-signed certificate in the data directory',
  },
  tlsKeyFile: {
    ...FILE,
    doc: 'PEM file with the private key of the certificate; needs tlsCertificateFile.',
    defaultMeaning: 'a self-signed certificate in the data directory',
  },
  dataDir: {
    ...FILE,
    doc: 'Directory of everything that must last; made when missing, used by one process at a time.',
    default: './data',
  },
  databaseUrl: {
    kind: 'text',
    doc: 'PostgreSQL database that keeps what must last, in place of the SQLite file in the data directory.',
    default: undefined,
    defaultMeaning: 'SQLite in the data directory',
    want: 'a URL postgresql://user:password@host:port/database with special characters of the password percent-encoded; sslmode=verify-full in its query asks for TLS',
    secret: true,
    read: readDatabaseUrl,
  },
  region: {
    kind: 'text',
    doc: 'Region in every ARN.',
    default: 'us-west-2',
    want: 'a region name such as us-west-2',
    read: (text) => (/^[a-z]{2}(-[a-z]{2,20}){1,2}-[0-9]{1,2}$/.test(text) ? text : undefined),
  },
  account: {
    kind: 'text',
    doc: 'Account that owns what unsigned and loopback requests create.',
    default: '000000000000',
    want: '12 digits',
    read: (text) => (/^[0-9]{12}$/.test(text) ? text : undefined),
  },
  accessKeys: {
    kind: 'access-keys',
    doc: 'Credentials that API requests may be signed with; needed to listen on anything but loopback.',
    default: [],
    want: 'a list of at most 1000 entries {id: 16 to 128 letters, digits or _, secret: 16 to 128 characters without spaces, or secretFile: a path to it, or secretEnv: the environment variable that holds it, account: 12 digits, default the account setting}',
  },
  throttling: {
    kind: 'choice',
    doc: 'Whether API calls beyond the call rates are refused; off is for tests.',
    default: 'on',
    choices: ['on', 'off'],
  },
  callRates: {
    kind: 'numbers',
    doc: 'Calls of each API operation that an account may make; PutMetadataPerChannel counts for each channel besides.',
    default: DEFAULT_CALL_RATES,
    min: 1,
    max: 1_000_000,
    unit: 'calls per second',
  },
  quotas: {
    kind: 'numbers',
    doc: 'Resources of each type that an account may have, stream keys that a channel may have, and streams and views of an account at once.',
    default: DEFAULT_SERVICE_LIMITS,
    min: 0,
    max: 10_000_000,
    unit: 'resources',
  },
  ingestLimits: {
    kind: 'choice',
    doc: 'Whether publishers who send more than the ingest quotas are disconnected.',
    default: 'on',
    choices: ['on', 'off'],
  },
  ingestQuotas: {
    kind: 'numbers',
    doc: 'What one publisher may send, and for how long; bitrates are of picture and sound together over 10 seconds, and a tenth more is let through.',
    default: DEFAULT_INGEST_LIMITS,
    min: 1,
    max: 1_000_000_000,
    unit: 'bits per second, pixels or hours',
  },
  allowInsecureLoopbackIngest: {
    kind: 'boolean',
    doc: 'Whether encoders on this machine may use plain RTMP on channels that ask for TLS.',
    default: true,
  },
  eventTargets: {
    kind: 'event-targets',
    doc: 'Where every event goes besides eventWebhook and eventFile; the guide to events explains the fields.',
    default: [],
    want: 'a list of at most 20 entries {name, type: webhook, file, eventbridge or nats, retryHours: 1 to 144, default 24}, and by type {url, secret}, {path, sync: always or never}, {region, endpoint, eventBusName, source, accessKeyId, secretAccessKey} or {servers, subject, acknowledge, token, user, password}; fields with secrets may end in File or Env',
  },
  eventWebhook: {
    kind: 'text',
    doc: 'Where every event is posted, one in each request.',
    default: undefined,
    want: WEBHOOK_URL.want,
    secret: true,
    read: (text) => (WEBHOOK_URL.accepts(text) ? text : undefined),
  },
  eventWebhookSecret: {
    kind: 'text',
    doc: 'What requests to eventWebhook are signed with, in the header Headwater-Signature; better given by the environment or a file than by a flag.',
    default: undefined,
    want: '16 to 128 characters without spaces',
    secret: true,
    read: (text) => (/^[\x21-\x7e]{16,128}$/.test(text) ? text : undefined),
  },
  eventWebhookSecretFile: { ...FILE, doc: 'File that holds eventWebhookSecret.' },
  eventFile: { ...FILE, doc: 'File to which every event is appended as a line of JSON.' },
  demo: {
    kind: 'boolean',
    doc: 'Whether to make a channel named demo, publish a test picture to it and run a small ad server for its ads.',
    default: false,
  },
  demoType: {
    kind: 'choice',
    doc: 'Type of the demo channel; all but BASIC are transcoded.',
    default: 'BASIC',
    choices: ['BASIC', 'STANDARD', 'ADVANCED_SD', 'ADVANCED_HD'],
  },
  logFormat: {
    kind: 'choice',
    doc: 'Whether log lines are text for people or one JSON object each.',
    default: 'text',
    choices: ['text', 'json'],
  },
  logLevel: {
    kind: 'choice',
    doc: 'Least important log line that is written.',
    default: 'info',
    choices: ['debug', 'info', 'warn', 'error', 'silent'],
  },
  segmentMs: {
    kind: 'integer',
    doc: 'Shortest segment: a segment ends at the first keyframe from there on.',
    default: 1_000,
    min: 1_000,
    max: 6_000,
    unit: 'milliseconds',
  },
  partMs: {
    kind: 'integer',
    doc: 'Target length of the parts inside a segment that low-latency players fetch.',
    default: 333,
    min: 100,
    max: 1_000,
    unit: 'milliseconds',
  },
  windowSeconds: {
    kind: 'integer',
    doc: 'Media that a live playlist lists.',
    default: 30,
    min: 12,
    max: 120,
    unit: 'seconds',
  },
  ffmpeg: {
    kind: 'text',
    doc: 'The ffmpeg program that transcodes and publishes the demo picture, not older than FFmpeg 5.',
    default: 'ffmpeg',
    want: 'a path, or the name of a program',
    read: (text) => (text === '' ? undefined : text),
  },
  videoEncoder: {
    kind: 'choice',
    doc: 'Encoder of all transcoded pictures; it is tried when the server starts.',
    default: 'libx264',
    choices: VIDEO_ENCODERS,
  },
  x264Preset: {
    kind: 'choice',
    doc: 'Speed of libx264: slower ones look better at the same bitrate and take more of the processor.',
    default: 'veryfast',
    choices: X264_PRESETS,
  },
  maxLadders: {
    kind: 'integer',
    doc: 'Streams that may be transcoded at once, 0 for as many as processor cores; with libx264 a 720p30 source takes about three quarters of a core, a 1080p30 source one and a half.',
    default: 0,
    min: 0,
    max: 10_000,
    unit: 'streams',
  },
  silenceTimeoutMs: {
    ...TIMEOUT,
    doc: 'A publisher that sends nothing for this long loses its stream.',
    default: 30_000,
    max: 600_000,
  },
  handshakeTimeoutMs: {
    ...TIMEOUT,
    doc: 'Time an encoder has for the TLS and RTMP handshakes together.',
    default: 5_000,
    max: 60_000,
  },
  publishTimeoutMs: {
    ...TIMEOUT,
    doc: 'Time an encoder has from the handshake to its publish command.',
    default: 10_000,
    max: 60_000,
  },
  audioOnlyTimeoutMs: {
    ...TIMEOUT,
    doc: 'Time a publisher that sends audio has until its first picture.',
    default: 10_000,
    max: 60_000,
  },
  maxStreams: {
    kind: 'integer',
    doc: 'Streams that may be live at once.',
    default: 1_000,
    min: 1,
    max: 100_000,
    unit: 'streams',
  },
  maxPublishConnections: {
    kind: 'integer',
    doc: 'Encoder connections that may be open at once, publishing or not.',
    default: 2_000,
    min: 1,
    max: 100_000,
    unit: 'connections',
  },
  maxViewers: {
    kind: 'integer',
    doc: 'Viewers of all streams together; one more gets the status 429.',
    default: 15_000,
    min: 1,
    max: 10_000_000,
    unit: 'viewers',
  },
  maxViewerConnections: {
    kind: 'integer',
    doc: 'HTTP connections that may be open at once.',
    default: 20_000,
    min: 1,
    max: 1_000_000,
    unit: 'connections',
  },
  maxReaderBacklogBytes: {
    kind: 'integer',
    doc: 'Bytes that may wait for one slow reader before it is dropped.',
    default: 4 * 1024 * 1024,
    min: 64 * 1024,
    max: 256 * 1024 * 1024,
    unit: 'bytes',
  },
  prometheus: {
    kind: 'choice',
    doc: 'Whether GET /metrics shows this process in the text form of Prometheus.',
    default: 'on',
    choices: ['on', 'off'],
  },
  prometheusToken: {
    kind: 'text',
    doc: 'Bearer token that opens /metrics; without one only programs on this machine read it, and not through a proxy.',
    default: undefined,
    want: '16 to 128 characters without spaces',
    secret: true,
    read: (text) => (/^[\x21-\x7e]{16,128}$/.test(text) ? text : undefined),
  },
  maxMetricBytes: {
    kind: 'integer',
    doc: 'Memory for the values of streams in the last three hours; when it is used up, the oldest go first.',
    default: 256 * 1024 * 1024,
    min: 1024 * 1024,
    max: 8 * 1024 * 1024 * 1024,
    unit: 'bytes',
  },
  trustedProxies: {
    kind: 'text',
    doc: 'Proxies in front of playback; what they say in X-Forwarded-For about the address of a viewer is believed.',
    default: undefined,
    want: 'IP addresses and CIDR blocks such as 10.0.0.0/8 with commas between',
    read: (text) => (parseTrustedProxies(text) ? text : undefined),
  },
  geoDatabase: {
    ...FILE,
    doc: 'MMDB file that tells the country of an address, for playback restriction policies.',
    defaultMeaning: 'DB-IP Lite of the release',
  },
  tokenClockSkewSeconds: {
    kind: 'integer',
    doc: 'How far the clock of whoever signs playback tokens may be off.',
    default: 30,
    min: 0,
    max: 300,
    unit: 'seconds',
  },
  failedTokensPerMinute: {
    kind: 'integer',
    doc: 'Invalid playback tokens that an address may send; beyond that tokens from there get the status 429.',
    default: 60,
    min: 1,
    max: 1_000_000,
    unit: 'tokens a minute',
  },
  ...adSettings,
}

/** The table row by row. */
export function settingEntries(): readonly (readonly [SettingKey, Setting])[] {
  return Object.entries(settings) as [SettingKey, Setting][]
}

// A password with a bare `#`, `/` or `?` would end up in the host's name, and so in messages. It shows by its `@`.
function readDatabaseUrl(text: string): string | undefined {
  return /^postgres(ql)?:\/\/[^/?#\s]*(\/[^@?#\s]*)?(\?[^@#\s]*)?$/.test(text) ? text : undefined
}

function readBaseUrl(text: string): string | undefined {
  if (!URL.canParse(text) || /[?#]/.test(text)) return undefined
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined
  if (url.username !== '' || url.password !== '') return undefined
  return url.href.replace(/\/+$/, '')
}
