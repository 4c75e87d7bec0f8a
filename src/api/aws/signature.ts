/**
 * The signature that a request should have.
 *
 * Pure: no keys are looked up and no clock is read here; `authenticate.ts` does that.
 *
 * Spec: AWS Signature Version 4, "Create a signed AWS API request", steps 1 to 4.
 */
import { createHash, createHmac } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { SignedRequestClaim } from './authorization-header.ts'
import { SIGNATURE_ALGORITHM } from './authorization-header.ts'

/** A request as its signature covers it. */
export type SignedRequest = {
  readonly method: string
  /** Path and query as they were sent. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** The signature over `request` with `secret`, in hexadecimal; `timestamp` is the signed `YYYYMMDDTHHMMSSZ`. */
export function expectedSignature(
  request: SignedRequest,
  claim: SignedRequestClaim,
  timestamp: string,
  secret: string,
): string {
  const scope = `${claim.date}/${claim.region}/${claim.service}/aws4_request`
  const hash = sha256(canonicalRequest(request, claim.signedHeaders))
  const text = [SIGNATURE_ALGORITHM, timestamp, scope, hash].join('\n')
  let key = hmac(`AWS4${secret}`, claim.date)
  for (const step of [claim.region, claim.service, 'aws4_request']) key = hmac(key, step)
  return hmac(key, text).toString('hex')
}

/** Hash of a body as clients announce it in `x-amz-content-sha256`. */
export function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

function canonicalRequest(request: SignedRequest, signedHeaders: readonly string[]): string {
  const [path = '', ...query] = request.url.split('?')
  const headers = signedHeaders.map((name) => `${name}:${headerText(request.headers[name])}\n`)
  return [
    request.method,
    canonicalPath(path),
    canonicalQuery(query.join('?')),
    headers.join(''),
    signedHeaders.join(';'),
    sha256(request.body),
  ].join('\n')
}

// What was sent is encoded already; every service but S3 signs it encoded once more.
function canonicalPath(path: string): string {
  return path.split('/').map(encode).join('/')
}

function canonicalQuery(query: string): string {
  const pairs = query.split('&').flatMap((pair) => {
    if (pair === '') return []
    const equals = pair.indexOf('=')
    const [name, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)]
    return [[encode(decode(name)), encode(decode(value))] as const]
  })
  const sorted = pairs.sort(
    ([leftName, leftValue], [rightName, rightValue]) =>
      compare(leftName, rightName) || compare(leftValue, rightValue),
  )
  return sorted.map(([name, value]) => `${name}=${value}`).join('&')
}

function headerText(value: string | readonly string[] | undefined): string {
  const text = typeof value === 'string' ? value : (value ?? []).join(',')
  return text.trim().replace(/ +/g, ' ')
}

function compare(left: string, right: string): number {
  return left === right ? 0 : left < right ? -1 : 1
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // Not well encoded: then no signature will fit, which is the right answer.
    return text
  }
}

// RFC 3986 leaves only letters, digits and -_.~ as they are; encodeURIComponent leaves these too.
function encode(text: string): string {
  const encoded = encodeURIComponent(text.toWellFormed())
  return encoded.replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
