/**
 * The server's side of the RTMP handshake, simple and complex, from bytes in any pieces.
 *
 * The client's first block decides: with a digest in it the answer is signed, otherwise it is echoed. What the client
 * echoes back is not looked at, since many encoders send anything there.
 *
 * Spec: RTMP 1.0 §5.2.
 */
import { randomFillSync } from 'node:crypto'
import {
  CLIENT_KEY,
  findDigest,
  HANDSHAKE_BLOCK_BYTES,
  SERVER_KEY,
  signFirstBlock,
  signSecondBlock,
} from './handshake-digest.ts'
import { RtmpError } from './rtmp-error.ts'

const VERSION = 3
const VERSION_BYTES = 1
/** A server version other than zero tells the client that S1 is signed. */
const SIGNED_SERVER_VERSION = Buffer.from([4, 5, 0, 1])

/** Runs once, at the start of a connection. */
export class ServerHandshake {
  #opening: Buffer = Buffer.allocUnsafe(VERSION_BYTES + HANDSHAKE_BLOCK_BYTES)
  #openingBytes = 0
  #echoLeftBytes = HANDSHAKE_BLOCK_BYTES

  /** Whether the client's last handshake byte was read. */
  get done(): boolean {
    return this.#echoLeftBytes === 0
  }

  /**
   * Reads handshake bytes; calls `reply` once with what to send.
   *
   * @returns how many of `bytes` belong to the handshake.
   * @throws {RtmpError} `RTMP_HANDSHAKE_INVALID` at the first byte, when it is no version of RTMP we speak.
   */
  push(bytes: Buffer, reply: (bytes: Buffer) => void): number {
    const opened = this.#readOpening(bytes, reply)
    const echoed = Math.min(this.#echoLeftBytes, bytes.length - opened)
    this.#echoLeftBytes -= echoed
    return opened + echoed
  }

  #readOpening(bytes: Buffer, reply: (bytes: Buffer) => void): number {
    if (this.#openingBytes === this.#opening.length) return 0
    const version = bytes[0]
    if (this.#openingBytes === 0 && version !== undefined && version !== VERSION) {
      throw new RtmpError('RTMP_HANDSHAKE_INVALID', `first byte is ${version}; RTMP begins with ${VERSION}`)
    }
    const read = bytes.copy(this.#opening, this.#openingBytes)
    this.#openingBytes += read
    if (this.#openingBytes === this.#opening.length) {
      reply(answer(this.#opening.subarray(VERSION_BYTES)))
      this.#opening = Buffer.alloc(0)
      this.#openingBytes = 0
    }
    return read
  }
}

function answer(clientBlock: Buffer): Buffer {
  const reply = Buffer.allocUnsafe(VERSION_BYTES + 2 * HANDSHAKE_BLOCK_BYTES)
  reply[0] = VERSION
  const first = reply.subarray(VERSION_BYTES, VERSION_BYTES + HANDSHAKE_BLOCK_BYTES)
  const second = reply.subarray(VERSION_BYTES + HANDSHAKE_BLOCK_BYTES)
  randomFillSync(first)
  first.fill(0, 0, 8)
  const isSigned = clientBlock.readUInt32BE(4) !== 0
  const found = isSigned ? findDigest(clientBlock, CLIENT_KEY) : undefined
  if (found) {
    SIGNED_SERVER_VERSION.copy(first, 4)
    signFirstBlock(first, found.scheme, SERVER_KEY)
    randomFillSync(second)
    signSecondBlock(second, found.digest, SERVER_KEY)
  } else {
    clientBlock.copy(second)
  }
  return reply
}
