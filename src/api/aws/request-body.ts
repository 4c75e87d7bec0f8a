/**
 * The JSON object inside a request body.
 */
import { DomainError } from '../../domain/errors.ts'
import { ProtocolError } from './protocol-error.ts'

/** Members of a JSON object, not checked yet. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Largest body of a request: 50 tags of full size, every character written as an escape, fit in. */
export const MAX_BODY_BYTES = 262_144

/**
 * Reads `body` as a JSON object. An empty body is an empty object, and a member that is null counts as absent.
 *
 * @throws {DomainError} `VALIDATION` when it is not JSON in UTF-8, or not an object.
 */
export function readJsonObject(body: Buffer): JsonObject {
  if (body.length === 0) return {}
  const value = parse(body)
  if (!isObject(value)) throw new DomainError('VALIDATION', 'the body must be a JSON object')
  return withoutNulls(value)
}

/**
 * Refuses bodies in an encoding that is not understood.
 *
 * @throws {ProtocolError} `REQUEST_MALFORMED`.
 */
export function refuseContentEncoding(encoding: string | undefined): void {
  if (encoding === undefined || encoding === '' || encoding.toLowerCase() === 'identity') return
  throw new ProtocolError('REQUEST_MALFORMED', 'the body must not have a Content-Encoding')
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    throw new DomainError('VALIDATION', 'the body must be JSON in UTF-8')
  }
}

/**
 * The same without members that are null.
 *
 * Structures are four deep at most; what lies deeper is a map or unknown, and stays as it was sent.
 */
export function withoutNulls(object: JsonObject, depth = 4): JsonObject {
  const kept = Object.entries(object)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => [name, depth > 1 ? withoutNullsInside(value, depth - 1) : value])
  return Object.fromEntries(kept) as JsonObject
}

function withoutNullsInside(value: unknown, depth: number): unknown {
  if (Array.isArray(value)) {
    return value.map((item: unknown) => (isObject(item) ? withoutNulls(item, depth) : item))
  }
  return isObject(value) ? withoutNulls(value, depth) : value
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
