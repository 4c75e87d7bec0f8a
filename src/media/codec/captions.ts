/**
 * Closed captions (CEA-608 and CEA-708) inside H.264 pictures.
 *
 * A picture carries captions as constructs of three bytes: what they belong to, and two bytes of it. They are shown in
 * the order of the pictures; which picture exactly carries one matters little, as long as none is lost or moved before
 * another.
 *
 * Spec: ATSC A/72 Part 1 §6.4.2 (captions in SEI); ATSC A/53 Part 4 §6.2.3 (cc_data).
 */
import { AVC_NAL, joinLengthPrefixed, nalType, nalUnits } from './avc-nal.ts'
import { readSeiMessages, SEI_USER_DATA_REGISTERED, seiNal, type SeiMessage } from './sei.ts'

/** Bytes of one construct. */
export const CAPTION_CONSTRUCT_BYTES = 3

/** Most constructs that one message holds: they are counted in five bits. */
export const MAX_CONSTRUCTS_PER_MESSAGE = 31

/** The constructs in an access unit with 4-byte lengths, those that say nothing left out; undefined when it has none. */
export function readCaptions(unit: Uint8Array): Uint8Array | undefined {
  const found: Uint8Array[] = []
  for (const nal of leadingNals(unit)) {
    if (nalType(nal) !== AVC_NAL.sei) continue
    for (const message of readSeiMessages(nal))
      if (isCaptions(message)) found.push(constructsIn(message.payload))
  }
  return found.some((constructs) => constructs.length > 0) ? Buffer.concat(found) : undefined
}

/**
 * The constructs in a caption payload that travels outside a picture: the user data of a caption message, or the part of
 * it from any of its headers on.
 */
export function readCaptionPayload(payload: Uint8Array): Uint8Array {
  const header = HEADERS.find((bytes) => startsWith(payload, bytes)) ?? NO_HEADER
  const bare = payload.subarray(header.length)
  return constructsIn(Buffer.concat([USER_DATA_HEADER, bare]))
}

/** The access unit with these constructs before its picture, after those that it has. */
export function addCaptions(unit: Uint8Array, constructs: Uint8Array): Uint8Array {
  return constructs.length === 0 ? unit : insertBeforePicture([...nalUnits(unit)], constructs)
}

/** The access unit with these constructs in the place of those that it has. */
export function replaceCaptions(unit: Uint8Array, constructs: Uint8Array): Uint8Array {
  if (constructs.length === 0 && !carriesCaptions(unit)) return unit
  const nals = [...nalUnits(unit)].flatMap((nal) =>
    nalType(nal) === AVC_NAL.sei ? withoutCaptions(nal) : [nal],
  )
  return insertBeforePicture(nals, constructs)
}

/** Country, provider, identifier, and the type of user data that captions are. */
const USER_DATA_HEADER = Buffer.from([0xb5, 0x00, 0x31, 0x47, 0x41, 0x39, 0x34, 0x03])
/** That header from each of its fields on. */
const HEADERS: readonly Uint8Array[] = [0, 3, 7].map((start) => USER_DATA_HEADER.subarray(start))
const NO_HEADER = Buffer.alloc(0)
const PROCESS_FLAG = 0x40
const COUNT_MASK = 0x1f
const VALID_FLAG = 0x04
/** Flags and a reserved byte before the constructs. */
const COUNT_BYTES = 2
/** Reserved byte and end marker. */
const FILL = 0xff

function isCaptions({ type, payload }: SeiMessage): boolean {
  return type === SEI_USER_DATA_REGISTERED && startsWith(payload, USER_DATA_HEADER)
}

function constructsIn(payload: Uint8Array): Uint8Array {
  const flags = payload[USER_DATA_HEADER.length] ?? 0
  if ((flags & PROCESS_FLAG) === 0) return NO_HEADER
  const start = USER_DATA_HEADER.length + COUNT_BYTES
  const count = Math.min(flags & COUNT_MASK, Math.floor((payload.length - start) / CAPTION_CONSTRUCT_BYTES))
  const valid: Uint8Array[] = []
  for (let index = 0; index < count; index++) {
    const at = start + index * CAPTION_CONSTRUCT_BYTES
    if (((payload[at] ?? 0) & VALID_FLAG) !== 0)
      valid.push(payload.subarray(at, at + CAPTION_CONSTRUCT_BYTES))
  }
  return Buffer.concat(valid)
}

/** Up to the first slice: captions stand nowhere else, and slices need not be walked. */
function* leadingNals(unit: Uint8Array): Generator<Uint8Array, void, undefined> {
  for (const nal of nalUnits(unit)) {
    if (isSlice(nal)) return
    yield nal
  }
}

function carriesCaptions(unit: Uint8Array): boolean {
  for (const nal of leadingNals(unit)) {
    if (nalType(nal) === AVC_NAL.sei && readSeiMessages(nal).some(isCaptions)) return true
  }
  return false
}

function withoutCaptions(nal: Uint8Array): Uint8Array[] {
  const messages = readSeiMessages(nal)
  const others = messages.filter((message) => !isCaptions(message))
  if (others.length === messages.length) return [nal]
  return others.length === 0 ? [] : [seiNal(others)]
}

function insertBeforePicture(nals: readonly Uint8Array[], constructs: Uint8Array): Uint8Array {
  const slice = nals.findIndex(isSlice)
  const at = slice < 0 ? nals.length : slice
  return joinLengthPrefixed([...nals.slice(0, at), ...captionNals(constructs), ...nals.slice(at)])
}

function captionNals(constructs: Uint8Array): Uint8Array[] {
  const messageBytes = MAX_CONSTRUCTS_PER_MESSAGE * CAPTION_CONSTRUCT_BYTES
  const nals: Uint8Array[] = []
  for (let at = 0; at < constructs.length; at += messageBytes) {
    nals.push(seiNal([captionMessage(constructs.subarray(at, at + messageBytes))]))
  }
  return nals
}

function captionMessage(constructs: Uint8Array): SeiMessage {
  const count = constructs.length / CAPTION_CONSTRUCT_BYTES
  const head = Buffer.from([PROCESS_FLAG | count, FILL])
  const payload = Buffer.concat([USER_DATA_HEADER, head, constructs, Buffer.from([FILL])])
  return { type: SEI_USER_DATA_REGISTERED, payload }
}

function isSlice(nal: Uint8Array): boolean {
  const type = nalType(nal)
  return type >= AVC_NAL.slice && type <= AVC_NAL.idrSlice
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return start.every((byte, index) => bytes[index] === byte)
}
