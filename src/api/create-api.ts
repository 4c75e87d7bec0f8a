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
  PlaybackConfigurationStore,
  PlaybackKeyPairStore,
  PlaybackRestrictionPolicyStore,
  PrefetchScheduleStore,
  RecordingConfigurationStore,
  RevocationStore,
  SecretStore,
  StreamKeyStore,
  StreamSessionStore,
  TagStore,
} from '../domain/stores.ts'
import { acceptAnySignature, checkSignatures } from './aws/authenticate.ts'
import type { AccessKey, Authenticate } from './aws/authenticate.ts'
import { ivsErrors } from './aws/error-response.ts'
import { createPageTokens } from './aws/page-tokens.ts'
import type { PageTokens } from './aws/page-tokens.ts'
import { createRestJson } from './aws/rest-json.ts'
import { addTargetService } from './aws/target-service.ts'
import { createThrottle, noThrottle } from './aws/throttle.ts'
import { createMetricService, METRIC_SERVICE } from './cloudwatch/metric-service.ts'
import { ivsOperations } from './ivs/ivs-operations.ts'
import { mediaTailorErrors } from './mediatailor/error-form.ts'
import { MEDIA_TAILOR, mediaTailorOperations } from './mediatailor/mediatailor-operations.ts'
import type { ApiServices } from './operation.ts'

/** The durable stores behind the API. */
export type ApiStores = {
  readonly channels: ChannelStore
  readonly streamKeys: StreamKeyStore
  readonly playbackKeyPairs: PlaybackKeyPairStore
  readonly playbackRestrictionPolicies: PlaybackRestrictionPolicyStore
  readonly recordingConfigurations: RecordingConfigurationStore
  readonly adConfigurations: AdConfigurationStore
  readonly playbackConfigurations: PlaybackConfigurationStore
  readonly prefetchSchedules: PrefetchScheduleStore
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

const IVS = 'ivs'

/** Makes the API. */
export function createApi(options: ApiOptions): FastifyInstance {
  const { store, identity, clock, logger, callRates, accessKeys = [] } = options
  const throttle = callRates ? createThrottle(callRates, clock) : noThrottle
  const pageTokens = createPageTokens(store.secrets)
  const authenticate = (service: string): Authenticate =>
    accessKeys.length === 0
      ? acceptAnySignature(identity)
      : checkSignatures(accessKeys, identity.region, clock, service)
  const services = servicesOf(options, pageTokens)
  const rest = (name: string) => ({
    name,
    authenticate: authenticate(name),
    services: { ...services, tagStores: new Map([[name, store.tags]]) },
  })
  const api = createRestJson({
    services: [
      { ...rest(IVS), operations: ivsOperations, errors: ivsErrors },
      { ...rest(MEDIA_TAILOR), operations: mediaTailorOperations, errors: mediaTailorErrors },
    ],
    throttle,
    logger,
  })
  if (options.metrics) {
    const service = createMetricService({ history: options.metrics, pageTokens })
    addTargetService(api, service, { authenticate: authenticate(METRIC_SERVICE), throttle, logger })
  }
  return api
}

function servicesOf(options: ApiOptions, pageTokens: PageTokens): Omit<ApiServices, 'tagStores'> {
  const { store, live, control, recordingActivation, identity, clock } = options
  return {
    channels: store.channels,
    streamKeys: store.streamKeys,
    playbackKeyPairs: store.playbackKeyPairs,
    playbackRestrictionPolicies: store.playbackRestrictionPolicies,
    recordingConfigurations: store.recordingConfigurations,
    recordingActivation,
    adConfigurations: store.adConfigurations,
    playbackConfigurations: store.playbackConfigurations,
    prefetchSchedules: store.prefetchSchedules,
    streamSessions: store.streamSessions,
    revocations: store.revocations,
    pageTokens,
    limits: options.limits ?? DEFAULT_SERVICE_LIMITS,
    live,
    control,
    identity,
    clock,
  }
}
