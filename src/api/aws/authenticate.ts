/**
 * Who a request comes from.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { ServiceIdentity } from '../../domain/service-identity.ts'
import { readAuthorization } from './authorization-header.ts'
import { ProtocolError } from './protocol-error.ts'

/** A request as its signature covers it. */
export type SignedRequest = {
  readonly method: string
  /** Path and query as they were sent. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** The account on whose behalf a request acts. */
export type Caller = { readonly accountId: string }

/**
 * Tells the caller of a request.
 *
 * @throws {ProtocolError} when the request is not, or not well, signed.
 */
export type Authenticate = (request: SignedRequest) => Caller

const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Accepts any signature as the server's own account: right only where nobody else can reach the server.
 *
 * A web page of somebody else's can reach it through its visitor's browser, so pages from other hosts are refused.
 */
export function acceptAnySignature(identity: Pick<ServiceIdentity, 'accountId' | 'publicUrl'>): Authenticate {
  return (request) => {
    const { origin } = request.headers
    if (origin !== undefined && !isOwnOrigin(origin, identity.publicUrl)) {
      throw new ProtocolError('ACCESS_DENIED', 'web pages of other hosts may not call this server')
    }
    readAuthorization(request.headers.authorization)
    return { accountId: identity.accountId }
  }
}

function isOwnOrigin(origin: string, publicUrl: string): boolean {
  const page = URL.parse(origin)
  if (!page) return false
  return LOOPBACK_HOSTS.has(page.hostname) || page.origin === URL.parse(publicUrl)?.origin
}
