/**
 * Who a request comes from.
 */
import { timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import type { ServiceIdentity } from '../../domain/service-identity.ts'
import type { SignedRequestClaim } from './authorization-header.ts'
import { readAuthorization } from './authorization-header.ts'
import { ProtocolError } from './protocol-error.ts'
import { deriveSigningKey, expectedSignature, sha256 } from './signature.ts'
import type { SignedRequest, SigningKey } from './signature.ts'

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
const IVS = 'ivs'
const MAX_SKEW_MS = 5 * 60_000

/**
 * Accepts any signature as the server's own account: right only where nobody else can reach the server.
 *
 * A web page of somebody else's can reach it through its visitor's browser, so pages from other hosts are refused.
 */
export function acceptAnySignature(identity: Pick<ServiceIdentity, 'accountId' | 'publicUrl'>): Authenticate {
  return (request) => {
    const origins = request.headers['origin'] ?? []
    if (!origins.every((origin) => isOwnOrigin(origin, identity.publicUrl))) {
      throw new ProtocolError('ACCESS_DENIED', 'web pages of other hosts may not call this server')
    }
    readClaim(request)
    return { accountId: identity.accountId }
  }
}

/** Accepts what one of `accessKeys` has signed for this region and `service` within the last or next five minutes. */
export function checkSignatures(
  accessKeys: readonly AccessKey[],
  region: string,
  clock: Pick<Clock, 'nowMs'>,
  service: string = IVS,
): Authenticate {
  const keys = new Map(
    accessKeys.map((key) => [key.id, { ...key, signingKeyOf: lastSigningKey(key.secret) }]),
  )
  const timeOf = lastTimeRead()
  return (request) => {
    const claim = readClaim(request)
    const key = keys.get(claim.accessKeyId)
    if (!key) throw new ProtocolError('CLIENT_UNRECOGNIZED', 'the access key id is not known')
    checkScope(claim, region, service)
    const timestamp = readTimestamp(request, claim)
    checkTime(timestamp, timeOf(timestamp), clock.nowMs())
    checkSignedHeaders(request, claim)
    const bodyHash = sha256(request.body)
    checkPayloadHash(request, bodyHash)
    const hashed = { ...request, bodyHash }
    const signature = expectedSignature(hashed, claim, timestamp, key.signingKeyOf(claim))
    if (!timingSafeEqual(Buffer.from(signature), Buffer.from(claim.signature))) {
      throw invalid('the signature does not fit the request; check the secret access key')
    }
    return { accountId: key.account }
  }
}

/** What the request says of its signature, which must stand in the header. */
function readClaim({ headers, url }: SignedRequest): SignedRequestClaim {
  const [header, ...others] = headers['authorization'] ?? []
  if (others.length > 0) {
    throw new ProtocolError('SIGNATURE_INCOMPLETE', 'the request has more than one Authorization header')
  }
  if (header === undefined && /[?&]x-amz-(algorithm|credential|signature)=/i.test(url)) {
    throw new ProtocolError(
      'SIGNATURE_INCOMPLETE',
      'the signature must stand in the Authorization header; presigned URLs are not taken',
    )
  }
  return readAuthorization(header)
}

// The four steps to a signing key give the same for a whole day.
function lastSigningKey(secret: string): (claim: SignedRequestClaim) => SigningKey {
  let last: { readonly scope: string; readonly signingKey: SigningKey } | undefined
  return (claim) => {
    const scope = `${claim.date}/${claim.region}/${claim.service}`
    if (last?.scope !== scope) last = { scope, signingKey: deriveSigningKey(secret, claim) }
    return last.signingKey
  }
}

function checkScope(claim: SignedRequestClaim, region: string, service: string): void {
  if (claim.region !== region) throw invalid(`the credential must be scoped to the region ${region}`)
  if (claim.service !== service) throw invalid(`the credential must be scoped to the service ${service}`)
}

function readTimestamp(request: SignedRequest, claim: SignedRequestClaim): string {
  const [timestamp = '', ...others] = request.headers['x-amz-date'] ?? []
  if (others.length > 0 || !/^\d{8}T\d{6}Z$/.test(timestamp)) {
    throw new ProtocolError(
      'SIGNATURE_INCOMPLETE',
      'the request needs an X-Amz-Date of the form YYYYMMDDTHHMMSSZ',
    )
  }
  if (!timestamp.startsWith(claim.date))
    throw invalid('the credential is scoped to another day than X-Amz-Date')
  return timestamp
}

function checkTime(timestamp: string, timeMs: number, nowMs: number): void {
  if (Math.abs(timeMs - nowMs) <= MAX_SKEW_MS) return
  const now = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '')
  throw invalid(
    `the signature is dated ${timestamp}, more than 5 minutes from the time here, which is ${now}`,
  )
}

// All requests of a second have the same.
function lastTimeRead(): (timestamp: string) => number {
  let last = { timestamp: '', timeMs: -Infinity }
  return (timestamp) => {
    if (last.timestamp !== timestamp) last = { timestamp, timeMs: parseTimestamp(timestamp) }
    return last.timeMs
  }
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
  // The host must be signed also by clients so old that they send none.
  const wanted = ['host', ...Object.keys(request.headers).filter(mustBeSigned)]
  const unsigned = wanted.find((name) => !signed.has(name))
  if (unsigned !== undefined) throw invalid(`the header ${unsigned} must be signed`)
}

// Nobody looks at the session token, and some clients add it when they have signed.
function mustBeSigned(name: string): boolean {
  return name.startsWith('x-amz-') && name !== 'x-amz-security-token'
}

function checkPayloadHash({ headers }: SignedRequest, bodyHash: string): void {
  const announced = headers['x-amz-content-sha256']?.join()
  if (announced === undefined) return
  if (/^(UNSIGNED-PAYLOAD|STREAMING-)/.test(announced)) {
    throw invalid('the body must be signed: X-Amz-Content-Sha256 must be the hash of the whole body')
  }
  if (announced !== bodyHash) throw invalid('X-Amz-Content-Sha256 is not the hash of the body')
}

/** Whether a web page of `origin` is this server's own, or this machine's. */
export function isOwnOrigin(origin: string, publicUrl: string): boolean {
  const page = URL.parse(origin)
  if (!page) return false
  return LOOPBACK_HOSTS.has(page.hostname) || page.origin === URL.parse(publicUrl)?.origin
}

function invalid(fault: string): ProtocolError {
  return new ProtocolError('SIGNATURE_INVALID', fault)
}
