/**
 * CBOR as the protocol smithy-rpc-v2-cbor uses it: times are seconds with tag 1, numbers that are no integers are doubles.
 *
 * Spec: RFC 8949 §3.4.2 (epoch-based date/time); Smithy RPC v2 CBOR, shape serialization.
 */
import { decode, encode, Token, Type, type DecodeOptions, type EncodeOptions } from 'cborg'
import { DomainError } from '../../domain/errors.ts'
import { withoutNulls, type JsonObject } from './request-body.ts'

const EPOCH_TAG = 1

const READING: DecodeOptions = {
  // A time is a number of seconds, as in the JSON protocols.
  tags: { [EPOCH_TAG]: (content) => content() },
  allowBigInt: false,
  rejectDuplicateMapKeys: true,
}

const WRITING: EncodeOptions = {
  ignoreUndefinedProperties: true,
  // Not every client reads the short forms of a double.
  float64: true,
  typeEncoders: {
    Date: (date: Date) => [new Token(Type.tag, EPOCH_TAG), new Token(Type.float, date.getTime() / 1000)],
  },
}

/**
 * Reads `body` as a map with text for keys. An empty body is an empty map, and a member that is null counts as absent.
 *
 * @throws {DomainError} `VALIDATION` when it is something else.
 */
export function readCborObject(body: Buffer): JsonObject {
  if (body.length === 0) return {}
  const value = parse(body)
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array) {
    throw new DomainError('VALIDATION', 'the body must be a CBOR map')
  }
  return withoutNulls(value as JsonObject)
}

/** Prints `value`; members that are undefined are left out. */
export function printCbor(value: object): Buffer {
  return Buffer.from(encode(value, WRITING))
}

// Deep nesting ends in a RangeError, which is a fault of the sender too.
function parse(body: Buffer): unknown {
  try {
    return decode(body, READING)
  } catch {
    throw new DomainError('VALIDATION', 'the body must be CBOR')
  }
}
