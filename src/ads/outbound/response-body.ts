/**
 * The body of a response, unpacked and bounded.
 *
 * Compressed bodies are bounded after unpacking: a small one can hold a very large one.
 */
import { PassThrough, Readable, Transform, type Duplex, type TransformCallback } from 'node:stream'
import { promisify } from 'node:util'
import { createGunzip, gunzip } from 'node:zlib'
import type { BodyFlow, BodyReader, ResponseHead } from './exchange.ts'
import { OutboundError } from './outbound-error.ts'

/** Of a body that nobody wants: read to its end, so that the connection can be used again. */
const MAX_UNWANTED_BYTES = 65_536

const unpack = promisify(gunzip)

/**
 * Whether a body of at most `maxBytes` is to be unpacked.
 *
 * @throws {OutboundError} `TOO_LARGE` when it says so itself; `NETWORK` for a coding that was not asked for.
 */
export function isPacked({ headers }: ResponseHead, maxBytes: number): boolean {
  const coding = String(headers['content-encoding'] ?? '').toLowerCase()
  if (coding === 'gzip' || coding === 'x-gzip') return true
  if (coding !== '' && coding !== 'identity') {
    throw new OutboundError('NETWORK', 'the body has a coding that was not asked for')
  }
  if (Number(headers['content-length']) > maxBytes) throw tooLarge(maxBytes)
  return false
}

/** Keeps a body in memory; fails with `TOO_LARGE` when it is more than `maxBytes`. */
export class WholeBody implements BodyReader {
  readonly #maxBytes: number
  readonly #isPacked: boolean
  readonly #chunks: Buffer[] = []
  #sizeBytes = 0

  constructor(head: ResponseHead, maxBytes: number) {
    this.#isPacked = isPacked(head, maxBytes)
    this.#maxBytes = maxBytes
  }

  take(chunk: Buffer): void {
    this.#sizeBytes += chunk.length
    if (this.#sizeBytes > this.#maxBytes) throw tooLarge(this.#maxBytes)
    this.#chunks.push(chunk)
  }

  /** All of it, unpacked. */
  async bytes(): Promise<Buffer> {
    const [first = Buffer.alloc(0), ...more] = this.#chunks
    const whole = more.length === 0 ? first : Buffer.concat(this.#chunks)
    if (!this.#isPacked) return whole
    try {
      return await unpack(whole, { maxOutputLength: this.#maxBytes })
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      throw code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(this.#maxBytes) : error
    }
  }
}

/** Passes a body on as it comes, no faster than it is read. */
export class StreamedBody implements BodyReader {
  /** Whoever destroys it ends the exchange. */
  readonly stream: Readable
  readonly #flow: BodyFlow

  constructor(flow: BodyFlow) {
    this.#flow = flow
    this.stream = new Readable({
      read: () => flow.resume(),
      destroy: (error, done) => {
        if (error) flow.abort(error)
        done(error)
      },
    })
    // Whoever reads it hears of its errors; there may be none before anybody does.
    this.stream.on('error', () => undefined)
  }

  take(chunk: Buffer): void {
    if (!this.stream.push(chunk)) this.#flow.pause()
  }

  end(): void {
    this.stream.push(null)
  }

  fail(error: Error): void {
    this.stream.destroy(error)
  }
}

/** Reads over a body that nobody wants. */
export class UnwantedBody implements BodyReader {
  readonly isUnwanted = true
  #sizeBytes = 0

  take(chunk: Buffer): void {
    this.#sizeBytes += chunk.length
    if (this.#sizeBytes > MAX_UNWANTED_BYTES) throw tooLarge(MAX_UNWANTED_BYTES)
  }
}

/** Unpacks a body on its way. */
export function unpacking(isNeeded: boolean): Duplex {
  return isNeeded ? createGunzip() : new PassThrough()
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
