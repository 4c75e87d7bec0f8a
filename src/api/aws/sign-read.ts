/**
 * Signs a GET request without a body, as the SDK does it: for tools of this program that ask a server which wants that.
 *
 * Spec: AWS Signature Version 4, header form.
 */
import { SIGNATURE_ALGORITHM } from './authorization-header.ts'
import { deriveSigningKey, expectedSignature } from './signature.ts'

/** Who signs, and for which region. */
export type ReaderCredentials = {
  readonly accessKeyId: string
  /** Never logged. */
  readonly secretAccessKey: string
  readonly region: string
}

const SIGNED_HEADERS = ['host', 'x-amz-date']
const NO_BODY = Buffer.alloc(0)

/** Headers that sign a GET of `url` at a moment in milliseconds since the Unix epoch. */
export function signRead(
  url: URL,
  credentials: ReaderCredentials,
  nowMs: number,
): Readonly<Record<string, string>> {
  const { accessKeyId, secretAccessKey, region } = credentials
  const timestamp = new Date(nowMs).toISOString().replace(/[-:]|\.\d{3}/g, '')
  const scope = { date: timestamp.slice(0, 8), region, service: 'ivs' }
  const claim = { ...scope, accessKeyId, signedHeaders: SIGNED_HEADERS, signature: '' }
  const headers = { host: [url.host], 'x-amz-date': [timestamp] }
  const request = { method: 'GET', url: `${url.pathname}${url.search}`, headers, body: NO_BODY }
  const signature = expectedSignature(request, claim, timestamp, deriveSigningKey(secretAccessKey, scope))
  const credential = `${accessKeyId}/${scope.date}/${region}/${scope.service}/aws4_request`
  return {
    'X-Amz-Date': timestamp,
    Authorization: `${SIGNATURE_ALGORITHM} Credential=${credential}, SignedHeaders=${SIGNED_HEADERS.join(';')}, Signature=${signature}`,
  }
}
