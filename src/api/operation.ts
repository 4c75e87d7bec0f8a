/**
 * What an operation of the API is: its contract as data, and the function behind it.
 */
import type { Static, TSchema } from 'typebox'
import type { Clock } from '../base/clock.ts'
import type { LiveControl, LiveDirectory } from '../domain/live.ts'
import type { ServiceIdentity } from '../domain/service-identity.ts'
import type { ServiceLimits } from '../domain/service-limits.ts'
import type { RecordingActivation } from '../domain/recording-configuration.ts'
import type {
  AdConfigurationStore,
  ChannelStore,
  PlaybackConfigurationStore,
  PlaybackKeyPairStore,
  PlaybackRestrictionPolicyStore,
  PrefetchScheduleStore,
  RecordingConfigurationStore,
  RevocationStore,
  StreamKeyStore,
  StreamSessionStore,
  TagStore,
} from '../domain/stores.ts'
import type { PageTokens } from './aws/page-tokens.ts'

/** Everything operations work with; each takes out what it needs. */
export type ApiServices = {
  readonly channels: ChannelStore
  readonly streamKeys: StreamKeyStore
  readonly playbackKeyPairs: PlaybackKeyPairStore
  readonly playbackRestrictionPolicies: PlaybackRestrictionPolicyStore
  readonly recordingConfigurations: RecordingConfigurationStore
  readonly recordingActivation: RecordingActivation
  readonly adConfigurations: AdConfigurationStore
  readonly playbackConfigurations: PlaybackConfigurationStore
  readonly prefetchSchedules: PrefetchScheduleStore
  /** By the service in the ARN. */
  readonly tagStores: ReadonlyMap<string, TagStore>
  readonly streamSessions: Pick<StreamSessionStore, 'get' | 'events' | 'list'>
  readonly revocations: Pick<RevocationStore, 'add'>
  readonly live: LiveDirectory
  readonly control: LiveControl
  readonly identity: ServiceIdentity
  readonly limits: ServiceLimits
  readonly clock: Clock
  readonly pageTokens: PageTokens
}

/** One call of an operation. */
export type CallContext = ApiServices & {
  /** The caller's account; resources of any other do not exist for this call. */
  readonly accountId: string
}

/** Where an operation is found and where its members stand; what is not named here stands in the body. */
export type OperationBinding = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Begins with a slash; a member in braces stands for one step of the path, at its end for all the rest. */
  readonly path: string
  /** List members that stand in the query, the key once for each item. */
  readonly queryLists: readonly string[]
  /** Members that stand in the query by themselves. */
  readonly queryTexts: readonly string[]
  readonly queryNumbers: readonly string[]
}

/** Which calls a rate counts: those with the same value of `member`. */
export type MemberRate = { readonly rateName: string; readonly member: string }

/** An operation as the protocol sees it. */
export type Operation = OperationBinding & {
  /** As the contract spells it. */
  readonly name: string
  /** 204 answers have no body. */
  readonly status: 200 | 204
  /** Whether the contract models the security headers on success. */
  readonly securityHeaders: boolean
  /** A rate of its own for each value of a member, beside the account's rate. */
  readonly memberRate: MemberRate | undefined
  readonly input: TSchema
  /** @param input has passed the check against `input`. */
  readonly run: (context: CallContext, input: unknown) => Promise<object | undefined>
}

/** An operation as its file writes it, with the input typed by its schema; by default a POST to `/<name>`. */
export type OperationDefinition<Input extends TSchema> = Partial<OperationBinding> & {
  readonly name: string
  readonly status?: 204
  readonly securityHeaders?: true
  readonly memberRate?: MemberRate
  readonly input: Input
  readonly run: (context: CallContext, input: Static<Input>) => Promise<object | undefined>
}

/** Turns a definition into an operation. */
export function defineOperation<Input extends TSchema>(definition: OperationDefinition<Input>): Operation {
  return {
    name: definition.name,
    method: definition.method ?? 'POST',
    path: definition.path ?? `/${definition.name}`,
    queryLists: definition.queryLists ?? [],
    queryTexts: definition.queryTexts ?? [],
    queryNumbers: definition.queryNumbers ?? [],
    status: definition.status ?? 200,
    securityHeaders: definition.securityHeaders ?? false,
    memberRate: definition.memberRate,
    input: definition.input,
    run: (context, input) => definition.run(context, input as Static<Input>),
  }
}
