/**
 * Who may read what is no operation of the API but shows the same things: the same credentials decide.
 */
import type { IncomingMessage } from 'node:http'
import type { Clock } from '../../base/clock.ts'
import type { ServiceIdentity } from '../../domain/service-identity.ts'
import { checkSignatures, isOwnOrigin } from './authenticate.ts'
import type { AccessKey, Caller } from './authenticate.ts'
import { toWireError } from './error-response.ts'
import { ProtocolError } from './protocol-error.ts'

/** What became of a request to read. */
export type ReadAccess =
  | ({ readonly kind: 'granted' } & Caller)
  | { readonly kind: 'refused'; readonly status: number; readonly message: string }

/** What decides. */
export type ReadAccessOptions = {
  /** Keys that may sign. When there are none, the server is on a loopback address and reading needs no signature. */
  readonly accessKeys: readonly AccessKey[]
  readonly identity: Pick<ServiceIdentity, 'accountId' | 'publicUrl' | 'region'>
  readonly clock: Pick<Clock, 'nowMs'>
}

const NO_BODY = Buffer.alloc(0)

/** Decides on GET requests: signed like an API request when there are keys, else open to this machine alone. */
export function createReadAccess(options: ReadAccessOptions): (request: IncomingMessage) => ReadAccess {
  const { accessKeys, identity, clock } = options
  const authenticate =
    accessKeys.length === 0 ? undefined : checkSignatures(accessKeys, identity.region, clock)
  return (request) => {
    try {
      if (!authenticate) {
        requireOwnHost(request, identity.publicUrl)
        return { kind: 'granted', accountId: identity.accountId }
      }
      const { method = '', url = '', headersDistinct: headers } = request
      return { kind: 'granted', ...authenticate({ method, url, headers, body: NO_BODY }) }
    } catch (error) {
      const { status, message } = toWireError(error)
      return { kind: 'refused', status, message }
    }
  }
}

// A web page of somebody else's reaches a loopback server through its visitor's browser: by its address, which shows in
// the origin, or by a name of its own that it lets point here, which shows in the host.
function requireOwnHost({ headers }: IncomingMessage, publicUrl: string): void {
  const origins = [headers.origin ?? [], `${new URL(publicUrl).protocol}//${headers.host ?? ''}`].flat()
  if (origins.every((origin) => isOwnOrigin(origin, publicUrl))) return
  throw new ProtocolError('ACCESS_DENIED', 'web pages of other hosts may not read from this server')
}
