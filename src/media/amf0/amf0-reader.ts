/**
 * Reads AMF0 values from outside bytes, bounded in depth and number.
 *
 * Values are read one at a time, so that a caller can look at a command's name before it pays for the rest.
 *
 * Spec: Adobe AMF0 §2. References and the switch to AMF3 are refused: no publisher needs them.
 */
import { AMF0_MARKER, Amf0Error } from './amf0-value.ts'
import type { Amf0Object, Amf0Value } from './amf0-value.ts'

const MAX_DEPTH = 16
/** Values in one byte string, nested ones counted. */
const MAX_VALUES = 4096

/** All values in `bytes`. */
export function decodeAmf0(bytes: Uint8Array): Amf0Value[] {
  const reader = new Amf0Reader(bytes)
  const values: Amf0Value[] = []
  while (reader.hasMore) values.push(reader.read())
  return values
}

/** A cursor over the values of one message; reads throw `Amf0Error` and leave it unusable. */
export class Amf0Reader {
  readonly #bytes: Buffer
  #offset = 0
  #valueCount = 0
  #depth = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  /** Whether bytes are left. */
  get hasMore(): boolean {
    return this.#offset < this.#bytes.length
  }

  /** The next value. */
  read(): Amf0Value {
    if (++this.#valueCount > MAX_VALUES) {
      throw new Amf0Error('AMF0_TOO_LARGE', `more than ${MAX_VALUES} AMF0 values in one message`)
    }
    const marker = this.#bytes.readUInt8(this.#take(1))
    switch (marker) {
      case AMF0_MARKER.number:
        return this.#bytes.readDoubleBE(this.#take(8))
      case AMF0_MARKER.boolean:
        return this.#bytes.readUInt8(this.#take(1)) !== 0
      case AMF0_MARKER.string:
        return this.#text(this.#bytes.readUInt16BE(this.#take(2)))
      case AMF0_MARKER.longString:
      case AMF0_MARKER.xmlDocument:
        return this.#text(this.#bytes.readUInt32BE(this.#take(4)))
      case AMF0_MARKER.null:
        return null
      case AMF0_MARKER.undefined:
      case AMF0_MARKER.unsupported:
        return undefined
      case AMF0_MARKER.date:
        return this.#date()
      case AMF0_MARKER.object:
        return this.#nested(() => this.#properties(false))
      case AMF0_MARKER.typedObject:
        this.#text(this.#bytes.readUInt16BE(this.#take(2)))
        return this.#nested(() => this.#properties(false))
      case AMF0_MARKER.ecmaArray:
        this.#take(4) // the count is a hint that encoders get wrong; the end marker decides
        return this.#nested(() => this.#properties(true))
      case AMF0_MARKER.strictArray:
        return this.#nested(() => this.#strictArray())
      default:
        throw new Amf0Error('AMF0_UNSUPPORTED', `AMF0 marker ${marker} is not supported`)
    }
  }

  #date(): Date {
    const epochMs = this.#bytes.readDoubleBE(this.#take(8))
    this.#take(2) // time zone, to be zero (§2.13)
    return new Date(epochMs)
  }

  #strictArray(): Amf0Value[] {
    const count = this.#bytes.readUInt32BE(this.#take(4))
    const values: Amf0Value[] = []
    for (let i = 0; i < count; i++) values.push(this.read())
    return values
  }

  #properties(mayEndWithBytes: boolean): Amf0Object {
    const properties = new Map<string, Amf0Value>()
    // Some encoders leave out the end marker of the ECMA array that closes a metadata message.
    while (this.hasMore || !mayEndWithBytes) {
      const key = this.#text(this.#bytes.readUInt16BE(this.#take(2)))
      if (key === '' && this.#bytes[this.#offset] === AMF0_MARKER.objectEnd) {
        this.#take(1)
        break
      }
      properties.set(key, this.read())
    }
    return properties
  }

  #nested<Value>(read: () => Value): Value {
    if (++this.#depth > MAX_DEPTH) {
      throw new Amf0Error('AMF0_TOO_DEEP', `AMF0 values nest deeper than ${MAX_DEPTH}`)
    }
    const value = read()
    this.#depth--
    return value
  }

  #text(lengthBytes: number): string {
    const start = this.#take(lengthBytes)
    return this.#bytes.toString('utf8', start, start + lengthBytes)
  }

  /** Where the next `count` bytes begin; they count as read. */
  #take(count: number): number {
    const start = this.#offset
    if (start + count > this.#bytes.length) {
      throw new Amf0Error('AMF0_TRUNCATED', `AMF0 ends ${start + count - this.#bytes.length} bytes too early`)
    }
    this.#offset = start + count
    return start
  }
}
