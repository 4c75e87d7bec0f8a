/**
 * What an operation of the API is: its contract as data, and the function behind it.
 */
import type { Static, TSchema } from 'typebox'
import type { Clock } from '../base/clock.ts'
import type { LiveControl, LiveDirectory } from '../domain/live.ts'
import type { ServiceIdentity } from '../domain/service-identity.ts'
import type { ServiceLimits } from '../domain/service-limits.ts'
import type { ChannelStore, RevocationStore, StreamKeyStore, StreamSessionStore } from '../domain/stores.ts'
import type { PageTokens } from './aws/page-tokens.ts'

/** Everything operations work with; each takes out what it needs. */
export type ApiServices = {
  readonly channels: ChannelStore
  readonly streamKeys: StreamKeyStore
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

/** An operation as the protocol sees it. */
export type Operation = {
  /** As the contract spells it; the path is `/<name>`. */
  readonly name: string
  /** 204 answers have no body. */
  readonly status: 200 | 204
  /** Whether the contract models the security headers on success. */
  readonly securityHeaders: boolean
  readonly input: TSchema
  /** @param input has passed the check against `input`. */
  readonly run: (context: CallContext, input: unknown) => Promise<object | undefined>
}

/** An operation as its file writes it, with the input typed by its schema. */
export type OperationDefinition<Input extends TSchema> = {
  readonly name: string
  readonly status?: 204
  readonly securityHeaders?: true
  readonly input: Input
  readonly run: (context: CallContext, input: Static<Input>) => Promise<object | undefined>
}

/** Turns a definition into an operation. */
export function defineOperation<Input extends TSchema>(definition: OperationDefinition<Input>): Operation {
  return {
    name: definition.name,
    status: definition.status ?? 200,
    securityHeaders: definition.securityHeaders ?? false,
    input: definition.input,
    run: (context, input) => definition.run(context, input as Static<Input>),
  }
}
