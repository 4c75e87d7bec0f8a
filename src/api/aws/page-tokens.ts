/**
 * Opaque continuation tokens that only this service can make, each good for one list with the same arguments.
 *
 * Form: base64url of a truncated HMAC-SHA-256 and the cursor it vouches for. Operation, account and filters are in the
 * HMAC alone, so a token from another list or another account is as wrong as an altered one.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { DomainError } from '../../domain/errors.ts'
import type { SecretStore } from '../../domain/stores.ts'

/** What a token is good for. */
export type ListScope = {
  readonly operation: string
  readonly accountId: string
  /** Everything that decides which items are in the list; not the page size. */
  readonly filter: Readonly<Record<string, string | undefined>>
}

/** Makes and reads continuation tokens. */
export type PageTokens = {
  /** The cursor inside `token`; absent and empty tokens mean the first page. */
  readonly read: (scope: ListScope, token: string | undefined) => Promise<string | undefined>
  readonly write: (scope: ListScope, cursor: string) => Promise<string>
}

const MAC_BYTES = 16
const SECRET_NAME = 'page-tokens'

/** Tokens signed with a secret that `secrets` keeps, so that they outlive a restart. */
export function createPageTokens(secrets: Pick<SecretStore, 'getOrCreate'>): PageTokens {
  let secret: Promise<Uint8Array> | undefined
  const sign = async (scope: ListScope, cursor: string): Promise<Buffer> => {
    secret ??= secrets.getOrCreate(SECRET_NAME)
    try {
      return mac(await secret, scope, cursor)
    } catch (error) {
      secret = undefined
      throw error
    }
  }
  return {
    read: async (scope, token) => {
      if (token === undefined || token === '') return undefined
      const bytes = Buffer.from(token, 'base64url')
      const cursor = bytes.subarray(MAC_BYTES).toString('utf8')
      const claimed = bytes.subarray(0, MAC_BYTES)
      const expected = await sign(scope, cursor)
      if (claimed.length === MAC_BYTES && timingSafeEqual(claimed, expected)) return cursor
      throw new DomainError('VALIDATION', 'nextToken does not belong to this list and these arguments')
    },
    write: async (scope, cursor) =>
      Buffer.concat([await sign(scope, cursor), Buffer.from(cursor, 'utf8')]).toString('base64url'),
  }
}

function mac(secret: Uint8Array, scope: ListScope, cursor: string): Buffer {
  const filter = Object.entries(scope.filter)
    .filter(([, value]) => value !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1))
  const signed = JSON.stringify([scope.operation, scope.accountId, filter, cursor])
  return createHmac('sha256', secret).update(signed).digest().subarray(0, MAC_BYTES)
}
