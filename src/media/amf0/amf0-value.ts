/**
 * Values of AMF0, the serialisation of RTMP commands and metadata, and the error of reading them.
 */

/** An AMF0 value. Objects, ECMA arrays and typed objects are all maps: their keys come from outside. */
export type Amf0Value =
  number | boolean | string | null | undefined | Date | Amf0Object | readonly Amf0Value[]

/** Named values in the order they were written. */
export type Amf0Object = ReadonlyMap<string, Amf0Value>

/** Type markers (AMF0 specification §2.1). */
export const AMF0_MARKER = {
  number: 0x00,
  boolean: 0x01,
  string: 0x02,
  object: 0x03,
  null: 0x05,
  undefined: 0x06,
  ecmaArray: 0x08,
  objectEnd: 0x09,
  strictArray: 0x0a,
  date: 0x0b,
  longString: 0x0c,
  unsupported: 0x0d,
  xmlDocument: 0x0f,
  typedObject: 0x10,
} as const

/** Stable codes, listed in docs/reference/errors.md. */
export type Amf0ErrorCode = 'AMF0_TRUNCATED' | 'AMF0_TOO_DEEP' | 'AMF0_TOO_LARGE' | 'AMF0_UNSUPPORTED'

/** The bytes are not AMF0, or more of it than anyone sends in good faith. */
export class Amf0Error extends Error {
  override readonly name = 'Amf0Error'
  readonly code: Amf0ErrorCode

  constructor(code: Amf0ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
