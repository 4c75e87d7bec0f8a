/**
 * The whole API behind one handler.
 *
 * It does not listen: after `await api.ready()` hand requests to `api.routing(request, response)` of a server that may
 * also carry other roads. It reads `request.url` as it was sent. Whatever it does not know is answered with
 * `UnknownOperationException`, so it goes last.
 */
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import { everyPlaybackConfiguration } from '../domain/ad-configuration.ts'
import type { PlaybackConfigurationDirectory } from '../domain/ad-configuration.ts'
import type { CallRates } from '../domain/call-rates.ts'
import type { MetricHistory } from '../domain/metrics.ts'
import type { LiveControl, LiveDirectory } from '../domain/live.ts'
import type { RecordingActivation } from '../domain/recording-configuration.ts'
import type { ServiceIdentity } from '../domain/service-identity.ts'
import { DEFAULT_SERVICE_LIMITS } from '../domain/service-limits.ts'
import type { ServiceLimits } from '../domain/service-limits.ts'
import type {
  AdConfigurationStore,
  ChannelStore,
  PlaybackKeyPairStore,
  PlaybackRestrictionPolicyStore,
  RecordingConfigurationStore,
  RevocationStore,
  SecretStore,
  StreamKeyStore,
  StreamSessionStore,
  TagStore,
} from '../domain/stores.ts'
import { acceptAnySignature, checkSignatures } from './aws/authenticate.ts'
import type { AccessKey, Authenticate } from './aws/authenticate.ts'
import { createPageTokens } from './aws/page-tokens.ts'
import { createRestJson } from './aws/rest-json.ts'
import { addTargetService } from './aws/target-service.ts'
import { createThrottle, noThrottle } from './aws/throttle.ts'
import { createMetricService, METRIC_SERVICE } from './cloudwatch/metric-service.ts'
import { ivsOperations } from './ivs/ivs-operations.ts'

/** The durable stores behind the API. */
export type ApiStores = {
  readonly channels: ChannelStore
  readonly streamKeys: StreamKeyStore
  readonly playbackKeyPairs: PlaybackKeyPairStore
  readonly playbackRestrictionPolicies: PlaybackRestrictionPolicyStore
  readonly recordingConfigurations: RecordingConfigurationStore
  readonly adConfigurations: AdConfigurationStore
  readonly tags: TagStore
  readonly streamSessions: Pick<StreamSessionStore, 'get' | 'events' | 'list'>
  readonly revocations: Pick<RevocationStore, 'add'>
  readonly secrets: SecretStore
}

/** What the API stands on. */
export type ApiOptions = {
  readonly store: ApiStores
  readonly live: LiveDirectory
  readonly control: LiveControl
  readonly recordingActivation: RecordingActivation
  /** Default: every well-formed one of the caller's account. */
  readonly playbackConfigurations?: PlaybackConfigurationDirectory
  readonly identity: ServiceIdentity
  readonly logger: Logger
  readonly clock: Clock
  /** Default: no metrics, and no operations that read them. */
  readonly metrics?: MetricHistory
  /** Default: the documented quotas. */
  readonly limits?: ServiceLimits
  /** Default: nobody is throttled. */
  readonly callRates?: CallRates | undefined
  /** Keys that may sign. Default: none, and any signature passes, which is right only on a loopback address. */
  readonly accessKeys?: readonly AccessKey[]
}

/** Makes the API. */
export function createApi(options: ApiOptions): FastifyInstance {
  const { store, live, control, identity, clock, logger, callRates, accessKeys = [] } = options
  const throttle = callRates ? createThrottle(callRates, clock) : noThrottle
  const pageTokens = createPageTokens(store.secrets)
  const authenticate = (service?: string): Authenticate =>
    accessKeys.length === 0
      ? acceptAnySignature(identity)
      : checkSignatures(accessKeys, identity.region, clock, service)
  const api = createRestJson({
    operations: ivsOperations,
    authenticate: authenticate(),
    throttle,
    logger,
    services: {
      channels: store.channels,
      streamKeys: store.streamKeys,
      playbackKeyPairs: store.playbackKeyPairs,
      playbackRestrictionPolicies: store.playbackRestrictionPolicies,
      recordingConfigurations: store.recordingConfigurations,
      recordingActivation: options.recordingActivation,
      adConfigurations: store.adConfigurations,
      playbackConfigurations: options.playbackConfigurations ?? everyPlaybackConfiguration,
      tagStores: new Map([['ivs', store.tags]]),
      streamSessions: store.streamSessions,
      revocations: store.revocations,
      pageTokens,
      limits: options.limits ?? DEFAULT_SERVICE_LIMITS,
      live,
      control,
      identity,
      clock,
    },
  })
  if (options.metrics) {
    const service = createMetricService({ history: options.metrics, pageTokens })
    addTargetService(api, service, { authenticate: authenticate(METRIC_SERVICE), throttle, logger })
  }
  return api
}
