/**
 * The body of a response, unpacked and bounded.
 *
 * Compressed bodies are bounded after unpacking: a small one can hold a very large one.
 */
import type { IncomingMessage } from 'node:http'
import { Transform, type Readable, type TransformCallback } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { OutboundError } from './outbound-error.ts'

/**
 * What is to be read of a response: the message itself, or what it unpacks to.
 *
 * @throws {OutboundError} `TOO_LARGE` when it says so itself; `NETWORK` for a coding that was not asked for.
 */
export function unpackedBody(response: IncomingMessage, maxBytes: number): Readable {
  const coding = (response.headers['content-encoding'] ?? 'identity').toLowerCase()
  if (coding === 'identity' || coding === '') {
    if (Number(response.headers['content-length']) > maxBytes) throw tooLarge(maxBytes)
    return response
  }
  if (coding !== 'gzip' && coding !== 'x-gzip') {
    throw new OutboundError('NETWORK', 'the body has a coding that was not asked for')
  }
  const gunzip = createGunzip()
  // The end of one is the end of the other; a message that breaks off ends what comes of it.
  response.once('error', (error) => gunzip.destroy(error))
  response.once('aborted', () => gunzip.destroy(new OutboundError('NETWORK', 'the body breaks off')))
  gunzip.once('close', () => response.destroy())
  return response.pipe(gunzip)
}

/** Reads all of `body`; rejects with `TOO_LARGE` when it is more than `maxBytes`. */
export function readWhole(body: Readable, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let sizeBytes = 0
    body.on('data', (chunk: Buffer) => {
      sizeBytes += chunk.length
      if (sizeBytes > maxBytes) body.destroy(tooLarge(maxBytes))
      else chunks.push(chunk)
    })
    body.once('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)))
    body.once('error', reject)
    body.once('close', () => {
      if (!body.readableEnded) reject(new OutboundError('NETWORK', 'the body breaks off'))
    })
  })
}

/** Passes bytes on and fails with `TOO_LARGE` when there are more than `maxBytes`. */
export class ByteLimit extends Transform {
  readonly #maxBytes: number
  sizeBytes = 0

  constructor(maxBytes: number) {
    super()
    this.#maxBytes = maxBytes
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.sizeBytes += chunk.length
    if (this.sizeBytes > this.#maxBytes) done(tooLarge(this.#maxBytes))
    else done(null, chunk)
  }
}

function tooLarge(maxBytes: number): OutboundError {
  return new OutboundError('TOO_LARGE', `the body is larger than ${maxBytes} bytes`)
}
