/**
 * Where events go, as the settings say it.
 */

/** One POST for each event. */
export type WebhookTarget = {
  readonly type: 'webhook'
  /** `http:` or `https:`; may hold a token, so it is never logged. */
  readonly url: string
  /** What bodies are signed with; without it they are not. Never logged. */
  readonly secret: string | undefined
  /** From the first byte of the connection to the end of the answer. */
  readonly timeoutMs: number
  readonly maxRequestsAtOnce: number
}

/** A file with one JSON object a line. */
export type FileTarget = {
  readonly type: 'file'
  readonly path: string
  /** Whether events count as delivered only once they are on disk, or as soon as the system has them. */
  readonly sync: 'always' | 'never'
}

/** An event bus of Amazon EventBridge, or of what speaks like it. */
export type EventBridgeTarget = {
  readonly type: 'eventbridge'
  readonly region: string
  /** Undefined: Amazon's own of the region. */
  readonly endpoint: string | undefined
  readonly eventBusName: string
  /** Amazon takes none that begins with `aws.` from anybody but itself. */
  readonly source: string
  /** Undefined: found where the AWS SDK looks for them. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined
  readonly timeoutMs: number
}

/** A subject of NATS. */
export type NatsTarget = {
  readonly type: 'nats'
  readonly servers: readonly string[]
  readonly subject: string
  /** Whether a stream of JetStream must have acknowledged an event, or the server's receipt is enough. */
  readonly acknowledge: boolean
  /** At most one of a token, or a user with a password. */
  readonly token: string | undefined
  readonly user: string | undefined
  readonly password: string | undefined
  readonly timeoutMs: number
}

/** One receiver of all events. */
export type EventTarget = {
  /** Its progress is kept under this name. */
  readonly name: string
  /** An event that cannot be delivered for so long is given up. */
  readonly retryHours: number
} & (WebhookTarget | FileTarget | EventBridgeTarget | NatsTarget)

/** What holds for a field of a target that is not given. */
export const EVENT_TARGET_DEFAULTS = {
  retryHours: 24,
  timeoutMs: 10_000,
  maxRequestsAtOnce: 8,
  sync: 'always',
  eventBusName: 'default',
  source: 'aws.ivs',
} as const
