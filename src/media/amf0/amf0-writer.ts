/**
 * Writes AMF0 values: commands and statuses of a few hundred bytes.
 *
 * Spec: Adobe AMF0 §2.
 */
import { AMF0_MARKER } from './amf0-value.ts'
import type { Amf0Object, Amf0Value } from './amf0-value.ts'

const MAX_SHORT_STRING_BYTES = 0xffff

/** The bytes of `values`, one after another; `Date` is written in UTC. */
export function encodeAmf0(...values: readonly Amf0Value[]): Buffer {
  return Buffer.concat(values.flatMap(encodeValue))
}

/** An object value from its members, in their order. */
export function amf0Object(members: Readonly<Record<string, Amf0Value>>): Amf0Object {
  return new Map(Object.entries(members))
}

function encodeValue(value: Amf0Value): Buffer[] {
  if (value === null) return [marker(AMF0_MARKER.null)]
  if (value === undefined) return [marker(AMF0_MARKER.undefined)]
  if (typeof value === 'number') return [marker(AMF0_MARKER.number), double(value)]
  if (typeof value === 'boolean') return [Buffer.from([AMF0_MARKER.boolean, value ? 1 : 0])]
  if (typeof value === 'string') return encodeString(value)
  if (value instanceof Date) {
    return [marker(AMF0_MARKER.date), double(value.getTime()), Buffer.alloc(2)]
  }
  if (value instanceof Map) return encodeObject(value as Amf0Object)
  const items = value as readonly Amf0Value[]
  return [marker(AMF0_MARKER.strictArray), uint32(items.length), ...items.flatMap(encodeValue)]
}

function encodeString(text: string): Buffer[] {
  const utf8 = Buffer.from(text)
  if (utf8.length > MAX_SHORT_STRING_BYTES) return [marker(AMF0_MARKER.longString), uint32(utf8.length), utf8]
  return [marker(AMF0_MARKER.string), uint16(utf8.length), utf8]
}

function encodeObject(properties: Amf0Object): Buffer[] {
  const pieces = [marker(AMF0_MARKER.object)]
  for (const [key, value] of properties) {
    const utf8 = Buffer.from(key)
    if (utf8.length > MAX_SHORT_STRING_BYTES) throw new RangeError('an AMF0 key has at most 65535 bytes')
    pieces.push(uint16(utf8.length), utf8, ...encodeValue(value))
  }
  pieces.push(Buffer.from([0, 0, AMF0_MARKER.objectEnd]))
  return pieces
}

function marker(type: number): Buffer {
  return Buffer.from([type])
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return bytes
}

function uint16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
