/**
 * Who a request comes from.
 */
import { timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import type { ServiceIdentity } from '../../domain/service-identity.ts'
import type { SignedRequestClaim } from './authorization-header.ts'
import { readAuthorization } from './authorization-header.ts'
import { ProtocolError } from './protocol-error.ts'
import { expectedSignature, sha256 } from './signature.ts'
import type { SignedRequest } from './signature.ts'

/** The account on whose behalf a request acts. */
export type Caller = { readonly accountId: string }

/**
 * Tells the caller of a request.
 *
 * @throws {ProtocolError} when the request is not, or not well, signed.
 */
export type Authenticate = (request: SignedRequest) => Caller

/** A key that may sign requests, and the account it signs for. */
export type AccessKey = {
  readonly id: string
  /** Never logged. */
  readonly secret: string
  /** Twelve digits. */
  readonly account: string
}

const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])
const SERVICE = 'ivs'
const MAX_SKEW_MS = 5 * 60_000

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

/** Accepts what one of `accessKeys` has signed for this region within the last or next five minutes. */
export function checkSignatures(
  accessKeys: readonly AccessKey[],
  region: string,
  clock: Pick<Clock, 'nowMs'>,
): Authenticate {
  const keys = new Map(accessKeys.map((key) => [key.id, key]))
  return (request) => {
    const claim = readAuthorization(request.headers.authorization)
    const key = keys.get(claim.accessKeyId)
    if (!key) throw new ProtocolError('CLIENT_UNRECOGNIZED', 'the access key id is not known')
    checkScope(claim, region)
    const timestamp = readTimestamp(request, claim)
    if (Math.abs(parseTimestamp(timestamp) - clock.nowMs()) > MAX_SKEW_MS) {
      throw invalid(`the signature is dated ${timestamp}, more than 5 minutes from the time here`)
    }
    checkSignedHeaders(request, claim)
    const signature = expectedSignature(request, claim, timestamp, key.secret)
    if (!timingSafeEqual(Buffer.from(signature), Buffer.from(claim.signature))) {
      throw invalid('the signature does not fit the request; check the secret access key')
    }
    return { accountId: key.account }
  }
}

function checkScope(claim: SignedRequestClaim, region: string): void {
  if (claim.region !== region) throw invalid(`the credential must be scoped to the region ${region}`)
  if (claim.service !== SERVICE) throw invalid(`the credential must be scoped to the service ${SERVICE}`)
}

function readTimestamp(request: SignedRequest, claim: SignedRequestClaim): string {
  const timestamp = request.headers['x-amz-date']
  if (typeof timestamp !== 'string' || !/^\d{8}T\d{6}Z$/.test(timestamp)) {
    throw new ProtocolError(
      'SIGNATURE_INCOMPLETE',
      'the request needs an X-Amz-Date of the form YYYYMMDDTHHMMSSZ',
    )
  }
  if (!timestamp.startsWith(claim.date))
    throw invalid('the credential is scoped to another day than X-Amz-Date')
  return timestamp
}

// A date that does not exist is not a number, and so never within the skew.
function parseTimestamp(timestamp: string): number {
  const iso = timestamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z')
  const parsedMs = Date.parse(iso)
  return Number.isNaN(parsedMs) ? -Infinity : parsedMs
}

// What is not signed could have been changed on the way.
function checkSignedHeaders(request: SignedRequest, claim: SignedRequestClaim): void {
  const signed = new Set(claim.signedHeaders)
  const wanted = Object.keys(request.headers).filter((name) => name === 'host' || name.startsWith('x-amz-'))
  const unsigned = wanted.find((name) => !signed.has(name))
  if (unsigned !== undefined) throw invalid(`the header ${unsigned} must be signed`)
  const announced = request.headers['x-amz-content-sha256']
  if (announced !== undefined && announced !== sha256(request.body)) {
    throw invalid('X-Amz-Content-Sha256 is not the hash of the body')
  }
}

function isOwnOrigin(origin: string, publicUrl: string): boolean {
  const page = URL.parse(origin)
  if (!page) return false
  return LOOPBACK_HOSTS.has(page.hostname) || page.origin === URL.parse(publicUrl)?.origin
}

function invalid(fault: string): ProtocolError {
  return new ProtocolError('SIGNATURE_INVALID', fault)
}
