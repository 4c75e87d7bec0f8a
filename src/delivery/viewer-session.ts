/**
 * A viewing session and its bytes inside a session id.
 *
 * Layout, big endian: form (1), key day (4), expiry in Unix seconds (4), session number (12), flags (1); then, as the
 * flags say, viewer session version (8) and viewer id (length 1, UTF-8), and the origins (UTF-8, one a line).
 * Pure: who may read what from whom is decided in `viewer-sessions.ts`.
 */
import type { MaximumResolution, ViewerRules } from '../domain/viewer-access.ts'

/** One watcher over time, as every node reads it from the session id. */
export type ViewerSession = {
  /** Tells sessions apart; letters, digits, `-` and `_`. */
  readonly number: string
  readonly streamId: string
  /** Milliseconds since the Unix epoch, whole seconds. */
  readonly expiresAtMs: number
  /** Set when the session can be revoked. */
  readonly viewer: { readonly id: string; readonly version: number } | undefined
  /** Patterns of which each request's origin must meet one; undefined when the origin does not matter. */
  readonly strictOrigins: readonly string[] | undefined
  readonly maximumResolution: MaximumResolution | undefined
}

/** The session's part of a session id, with the day of the key that signs it. */
export type SessionPayload = { readonly keyDay: number; readonly session: Omit<ViewerSession, 'streamId'> }

/** Random bytes of a session number. */
export const SESSION_NUMBER_BYTES = 12
const FORM = 1
const HEAD_BYTES = 22
const KEY_DAY_AT = 1
const EXPIRY_AT = 5
const NUMBER_AT = 9
const FLAGS_AT = 21
const RESOLUTION_MASK = 0b11
const HAS_VIEWER = 0b100
const HAS_ORIGINS = 0b1000
/** In the order of their numbers in the flags; zero is none. */
const RESOLUTIONS: readonly (MaximumResolution | undefined)[] = [undefined, 'SD', 'HD', 'FULL_HD']
const VERSION_BYTES = 8
const MAX_VIEWER_ID_BYTES = 255

/** Whether any rule holds beyond the first request, so that later ones must show their session. */
export function hasLastingRules(rules: ViewerRules): boolean {
  return (
    rules.viewerId !== undefined || rules.strictOrigins !== undefined || rules.maximumResolution !== undefined
  )
}

/**
 * The bytes of `payload`.
 *
 * @throws {RangeError} when the viewer id has more than 255 bytes or the version is no safe integer.
 */
export function writeSessionPayload({ keyDay, session }: SessionPayload): Buffer {
  const { viewer, strictOrigins, maximumResolution } = session
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUInt8(FORM)
  head.writeUInt32BE(keyDay, KEY_DAY_AT)
  head.writeUInt32BE(Math.floor(session.expiresAtMs / 1000), EXPIRY_AT)
  head.write(session.number, NUMBER_AT, SESSION_NUMBER_BYTES, 'base64url')
  const flags =
    RESOLUTIONS.indexOf(maximumResolution) | (viewer ? HAS_VIEWER : 0) | (strictOrigins ? HAS_ORIGINS : 0)
  head.writeUInt8(flags, FLAGS_AT)
  return Buffer.concat([
    head,
    viewer ? viewerBytes(viewer) : Buffer.alloc(0),
    Buffer.from(strictOrigins?.join('\n') ?? ''),
  ])
}

function viewerBytes(viewer: { readonly id: string; readonly version: number }): Buffer {
  const id = Buffer.from(viewer.id)
  if (id.length > MAX_VIEWER_ID_BYTES) throw new RangeError('a viewer id has at most 255 bytes')
  if (!Number.isSafeInteger(viewer.version)) throw new RangeError('a session version is a safe integer')
  const head = Buffer.alloc(VERSION_BYTES + 1)
  head.writeBigInt64BE(BigInt(viewer.version))
  head.writeUInt8(id.length, VERSION_BYTES)
  return Buffer.concat([head, id])
}

/** The day of the key that `bytes` say they are signed with; undefined for bytes of another form. */
export function readKeyDay(bytes: Buffer): number | undefined {
  return bytes.length >= HEAD_BYTES && bytes.readUInt8() === FORM ? bytes.readUInt32BE(KEY_DAY_AT) : undefined
}

/** Reads what `writeSessionPayload` wrote and a signature vouches for; undefined for anything else. */
export function readSessionPayload(bytes: Buffer): SessionPayload | undefined {
  const keyDay = readKeyDay(bytes)
  if (keyDay === undefined) return undefined
  const flags = bytes.readUInt8(FLAGS_AT)
  const viewer = flags & HAS_VIEWER ? readViewer(bytes.subarray(HEAD_BYTES)) : NO_VIEWER
  if (!viewer) return undefined
  const origins = bytes.toString('utf8', HEAD_BYTES + viewer.sizeBytes)
  return {
    keyDay,
    session: {
      number: bytes.toString('base64url', NUMBER_AT, NUMBER_AT + SESSION_NUMBER_BYTES),
      expiresAtMs: bytes.readUInt32BE(EXPIRY_AT) * 1000,
      viewer: viewer.viewer,
      strictOrigins: flags & HAS_ORIGINS ? origins.split('\n') : undefined,
      maximumResolution: RESOLUTIONS[flags & RESOLUTION_MASK],
    },
  }
}

type ReadViewer = { readonly viewer: ViewerSession['viewer']; readonly sizeBytes: number }

const NO_VIEWER: ReadViewer = { viewer: undefined, sizeBytes: 0 }

function readViewer(bytes: Buffer): ReadViewer | undefined {
  if (bytes.length <= VERSION_BYTES) return undefined
  const sizeBytes = VERSION_BYTES + 1 + bytes.readUInt8(VERSION_BYTES)
  if (bytes.length < sizeBytes) return undefined
  const version = Number(bytes.readBigInt64BE())
  return { viewer: { id: bytes.toString('utf8', VERSION_BYTES + 1, sizeBytes), version }, sizeBytes }
}
