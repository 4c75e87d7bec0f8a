/**
 * The signature that a request should have.
 *
 * Pure: no keys are looked up and no clock is read here; `authenticate.ts` does that.
 *
 * Spec: AWS Signature Version 4, "Create a signed AWS API request", steps 1 to 4.
 */
import { createHmac, hash } from 'node:crypto'
import type { SignedRequestClaim } from './authorization-header.ts'
import { SIGNATURE_ALGORITHM } from './authorization-header.ts'

/** A request as its signature covers it. */
export type SignedRequest = {
  readonly method: string
  /** Path and query as they were sent. */
  readonly url: string
  /** By lower-case name, each value as it was sent, one byte a character. */
  readonly headers: Readonly<Record<string, readonly string[] | undefined>>
  readonly body: Buffer
  /** `sha256` of the body, where it is known. */
  readonly bodyHash?: string
}

/** A key that is ready to sign: the two blocks that the hashes of HMAC begin with (RFC 2104 §2). */
export type SigningKey = { readonly inner: Buffer; readonly outer: Buffer }

const BLOCK_BYTES = 64
const INNER_PAD = 0x36
const OUTER_PAD = 0x5c

/** The signature over `request` in hexadecimal; `timestamp` is the signed `YYYYMMDDTHHMMSSZ`. */
export function expectedSignature(
  request: SignedRequest,
  claim: SignedRequestClaim,
  timestamp: string,
  signingKey: SigningKey,
): string {
  const scope = `${claim.date}/${claim.region}/${claim.service}/aws4_request`
  const digest = sha256(canonicalRequest(request, claim.signedHeaders))
  return sign(signingKey, [SIGNATURE_ALGORITHM, timestamp, scope, digest].join('\n'))
}

/** The key that signs with `secret` for one day, region and service. */
export function deriveSigningKey(
  secret: string,
  scope: Pick<SignedRequestClaim, 'date' | 'region' | 'service'>,
): SigningKey {
  const steps = [scope.date, scope.region, scope.service, 'aws4_request']
  const key = steps.reduce(
    (bytes, step) => createHmac('sha256', bytes).update(step).digest(),
    Buffer.from(`AWS4${secret}`),
  )
  return { inner: keyBlock(key, INNER_PAD), outer: keyBlock(key, OUTER_PAD) }
}

/** Hash of a body as clients announce it in `x-amz-content-sha256`, or of text with one byte a character. */
export function sha256(content: string | Buffer): string {
  return hash('sha256', typeof content === 'string' ? Buffer.from(content, 'latin1') : content)
}

function canonicalRequest(request: SignedRequest, signedHeaders: readonly string[]): string {
  const queryAt = request.url.indexOf('?')
  const [path, query] =
    queryAt < 0 ? [request.url, ''] : [request.url.slice(0, queryAt), request.url.slice(queryAt + 1)]
  const headers = signedHeaders.map((name) => `${name}:${headerText(request.headers[name])}\n`)
  return [
    request.method,
    canonicalPath(path),
    canonicalQuery(query),
    headers.join(''),
    signedHeaders.join(';'),
    request.bodyHash ?? sha256(request.body),
  ].join('\n')
}

// What was sent is encoded already; every service but S3 signs it without detours and encoded once more.
function canonicalPath(path: string): string {
  const steps: string[] = []
  for (const step of path.split('/')) {
    if (step === '..') steps.pop()
    else if (step !== '' && step !== '.') steps.push(encode(step))
  }
  return `/${steps.join('/')}${steps.length > 0 && path.endsWith('/') ? '/' : ''}`
}

function canonicalQuery(query: string): string {
  if (query === '') return ''
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

function headerText(values: readonly string[] | undefined): string {
  return (values ?? []).map((value) => value.trim().replace(/\s+/g, ' ')).join(',')
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
  if (/^[\w.~-]*$/.test(text)) return text
  const encoded = encodeURIComponent(text.toWellFormed())
  return encoded.replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
}

// HMAC of two hashes in one call each: Node's own makes objects that must be collected, which costs more than hashing.
function sign({ inner, outer }: SigningKey, text: string): string {
  const digest = hash('sha256', Buffer.concat([inner, Buffer.from(text)]), 'buffer')
  return hash('sha256', Buffer.concat([outer, digest]))
}

// The key is a hash, so it is shorter than a block.
function keyBlock(key: Buffer, pad: number): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES, pad)
  for (const [index, byte] of key.entries()) block[index] = byte ^ pad
  return block
}
