/**
 * Requests signed with the SDK's own signer, for members that the SDK's clients do not know yet.
 */
import { createHash, createHmac } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import { REGION } from '../api-fixture.ts'
import type { ApiFixture } from '../api-fixture.ts'

/** A request before it is signed. */
export type UnsignedRequest = {
  readonly method: string
  readonly path: string
  readonly query?: Record<string, string | string[]>
  readonly body?: unknown
  /** In the scope of the signature. Default `mediatailor`. */
  readonly service?: string
}

/** What came back. */
export type Answer = {
  readonly status: number
  readonly type: string | null
  readonly body: Readonly<Record<string, unknown>>
}

class NodeSha256 {
  readonly #hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', toBuffer(secret))
  }

  update(chunk: Uint8Array): void {
    this.#hash.update(chunk)
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest())
  }

  reset(): void {
    throw new Error('not used')
  }
}

function toBuffer(value: string | ArrayBuffer | ArrayBufferView): Buffer | string {
  if (typeof value === 'string') return value
  if (value instanceof ArrayBuffer) return Buffer.from(value)
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}

/** Signs the request with a key of the fixture, sends it and reads the answer. */
export async function sendSigned(
  api: Pick<ApiFixture, 'url' | 'clock'>,
  { method, path, query = {}, body, service = 'mediatailor' }: UnsignedRequest,
  key: { readonly id: string; readonly secret: string } = { id: 'AKIDEXAMPLE', secret: 'anything' },
): Promise<Answer> {
  const { hostname, port, protocol } = new URL(api.url)
  const credentials = { accessKeyId: key.id, secretAccessKey: key.secret }
  const signer = new SignatureV4({ credentials, region: REGION, service, sha256: NodeSha256 })
  const text = body === undefined ? undefined : JSON.stringify(body)
  const signed = await signer.sign(
    {
      method,
      protocol,
      hostname,
      port: Number(port),
      path,
      query,
      headers: { host: `${hostname}:${port}`, 'content-type': 'application/json' },
      body: text,
    },
    { signingDate: new Date(api.clock.nowMs()) },
  )
  const search = new URLSearchParams()
  for (const [name, values] of Object.entries(query)) {
    for (const value of [values].flat()) search.append(name, value)
  }
  const url = `${api.url}${path}${search.size > 0 ? `?${search.toString()}` : ''}`
  const answer = await fetch(url, {
    method,
    headers: signed.headers,
    ...(text !== undefined && { body: text }),
  })
  const answered = await answer.text()
  return {
    status: answer.status,
    type: answer.headers.get('x-amzn-errortype'),
    body: answered === '' ? {} : (JSON.parse(answered) as Answer['body']),
  }
}
