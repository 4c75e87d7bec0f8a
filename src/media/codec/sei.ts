/**
 * Supplemental enhancement information inside H.264: messages beside the picture.
 *
 * Spec: ITU-T H.264 §7.3.2.3 (SEI), §7.4.1 (emulation prevention).
 */
import { AVC_NAL } from './avc-nal.ts'

/** One message. */
export type SeiMessage = { readonly type: number; readonly payload: Uint8Array }

/** Payload type of registered user data (ITU-T H.264 §D.1.6). */
export const SEI_USER_DATA_REGISTERED = 4

/** Larger SEI is not looked into. */
const MAX_SEI_BYTES = 16_384

/** Messages of an SEI NAL unit; those from the first damaged one on are left out, and all of a huge one. */
export function readSeiMessages(nal: Uint8Array): SeiMessage[] {
  if (nal.length > MAX_SEI_BYTES) return []
  const bytes = withoutEmulationPrevention(nal.subarray(1))
  const messages: SeiMessage[] = []
  let at = 0
  // What follows the last message is one bit and zeros: less than a type and a size.
  while (at + 2 < bytes.length) {
    const type = readVariable(bytes, at)
    const size = readVariable(bytes, type.end)
    const end = size.end + size.value
    if (end > bytes.length) break
    messages.push({ type: type.value, payload: bytes.subarray(size.end, end) })
    at = end
  }
  return messages
}

/** An SEI NAL unit of these messages, which are not empty. */
export function seiNal(messages: readonly SeiMessage[]): Uint8Array {
  const body = messages.flatMap(({ type, payload }) => [
    Buffer.from(variable(type)),
    Buffer.from(variable(payload.length)),
    payload,
  ])
  const bytes = withEmulationPrevention(Buffer.concat([...body, TRAILING_BITS]))
  return Buffer.concat([Buffer.from([AVC_NAL.sei]), bytes])
}

const TRAILING_BITS = Buffer.from([0x80])
const EMULATION_PREVENTION = 3

function readVariable(bytes: Uint8Array, start: number): { readonly value: number; readonly end: number } {
  let at = start
  while (bytes[at] === 0xff) at++
  return { value: (at - start) * 255 + (bytes[at] ?? 0), end: at + 1 }
}

function variable(value: number): number[] {
  return [...Array<number>(Math.floor(value / 255)).fill(0xff), value % 255]
}

function withoutEmulationPrevention(bytes: Uint8Array): Uint8Array {
  const kept = Buffer.allocUnsafe(bytes.length)
  let count = 0
  let zeros = 0
  for (const byte of bytes) {
    const isInserted = zeros >= 2 && byte === EMULATION_PREVENTION
    zeros = byte === 0 ? zeros + 1 : 0
    if (!isInserted) kept[count++] = byte
  }
  return kept.subarray(0, count)
}

function withEmulationPrevention(bytes: Uint8Array): Uint8Array {
  const written: number[] = []
  let zeros = 0
  for (const byte of bytes) {
    if (zeros >= 2 && byte <= EMULATION_PREVENTION) {
      written.push(EMULATION_PREVENTION)
      zeros = 0
    }
    zeros = byte === 0 ? zeros + 1 : 0
    written.push(byte)
  }
  return Buffer.from(written)
}
