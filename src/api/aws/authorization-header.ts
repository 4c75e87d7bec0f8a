/**
 * Takes the Authorization header of a signed request apart.
 *
 * Spec: AWS Signature Version 4, header form. Checking the signature is not done here.
 */
import { ProtocolError } from './protocol-error.ts'

/** What a signed request says about its signature. */
export type SignedRequestClaim = {
  readonly accessKeyId: string
  /** `YYYYMMDD`. */
  readonly date: string
  readonly region: string
  readonly service: string
  /** Lower-case header names, in the order they were signed. */
  readonly signedHeaders: readonly string[]
  /** 64 hexadecimal digits. */
  readonly signature: string
}

/** The one algorithm there is. */
export const SIGNATURE_ALGORITHM = 'AWS4-HMAC-SHA256'

const MAX_HEADER_CHARS = 4096

/**
 * Reads `Authorization: AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`.
 *
 * @throws {ProtocolError} `AUTHENTICATION_MISSING` without a header, `SIGNATURE_INCOMPLETE` when a part is not there
 * or has not its form. Messages never repeat the header.
 */
export function readAuthorization(header: string | undefined): SignedRequestClaim {
  if (header === undefined || header.trim() === '') {
    throw new ProtocolError('AUTHENTICATION_MISSING', 'the request has no Authorization header')
  }
  const text = header.trim()
  if (!text.startsWith(`${SIGNATURE_ALGORITHM} `) || text.length > MAX_HEADER_CHARS) {
    throw incomplete(
      `must begin with ${SIGNATURE_ALGORITHM} and be at most ${MAX_HEADER_CHARS} characters long`,
    )
  }
  const parts = readParts(text.slice(SIGNATURE_ALGORITHM.length))
  return {
    ...readScope(required(parts, 'Credential')),
    signedHeaders: required(parts, 'SignedHeaders').split(';'),
    signature: readSignature(required(parts, 'Signature')),
  }
}

function readParts(text: string): ReadonlyMap<string, string> {
  const parts = new Map<string, string>()
  for (const part of text.split(',')) {
    const equals = part.indexOf('=')
    if (equals > 0) parts.set(part.slice(0, equals).trim(), part.slice(equals + 1).trim())
  }
  return parts
}

function readScope(
  credential: string,
): Pick<SignedRequestClaim, 'accessKeyId' | 'date' | 'region' | 'service'> {
  const match = /^([^/]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request$/.exec(credential)
  const [, accessKeyId, date, region, service] = match ?? []
  if (accessKeyId === undefined || date === undefined || region === undefined || service === undefined) {
    throw incomplete('needs Credential=<key id>/<YYYYMMDD>/<region>/<service>/aws4_request')
  }
  return { accessKeyId, date, region, service }
}

function readSignature(signature: string): string {
  if (!/^[0-9a-f]{64}$/.test(signature)) throw incomplete('needs a Signature of 64 hexadecimal digits')
  return signature
}

function required(parts: ReadonlyMap<string, string>, name: string): string {
  const value = parts.get(name)
  if (value === undefined || value === '') throw incomplete(`needs ${name}`)
  return value
}

function incomplete(fault: string): ProtocolError {
  return new ProtocolError('SIGNATURE_INCOMPLETE', `the Authorization header ${fault}`)
}
