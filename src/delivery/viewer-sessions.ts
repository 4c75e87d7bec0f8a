/**
 * Opens viewing sessions and knows them again by their ids: signed, bound to one stream, readable by every node without
 * a database.
 *
 * An id is base64url of the payload (`viewer-session.ts`) and the first 16 bytes of an HMAC-SHA-256 over the stream's id
 * and the payload. Ids that were found good are remembered, so that a running playback costs one look into a map.
 *
 * Spec: RFC 2104 §5 (truncated output), RFC 4648 §5 (base64url).
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import type { ViewerRules } from '../domain/viewer-access.ts'
import { MAX_SESSION_ID_LENGTH } from './media-path.ts'
import { RecentMap } from './recent-map.ts'
import type { SessionKey, SessionKeys } from './session-keys.ts'
import {
  readKeyDay,
  readSessionPayload,
  SESSION_NUMBER_BYTES,
  writeSessionPayload,
  type ViewerSession,
} from './viewer-session.ts'

/** A session that has just begun. */
export type OpenedSession = {
  /** For URLs only: whoever has it watches as this viewer. */
  readonly id: string
  readonly session: ViewerSession
}

/** A stream lasts 48 hours at most, and a session never longer (reference ivs-behaviour §1.3). */
const SESSION_LIFETIME_MS = 48 * 60 * 60 * 1000
/** 128 bits of the hash. */
const MAC_BYTES = 16
const MAC_PURPOSE = 'viewer-session:'
/** Ids remembered; an id beyond that is checked again when it comes back. */
const MAX_REMEMBERED_IDS = 50_000

/** The sessions of every stream. */
export class ViewerSessions {
  readonly #keys: Pick<SessionKeys, 'current' | 'find'>
  readonly #clock: Clock
  readonly #remembered = new RecentMap<string, ViewerSession>(MAX_REMEMBERED_IDS)

  constructor(keys: Pick<SessionKeys, 'current' | 'find'>, clock: Clock) {
    this.#keys = keys
    this.#clock = clock
  }

  /**
   * A new session on a stream.
   *
   * @param number of the session; the same for one that is opened again.
   * @throws {RangeError} when `rules` are longer than those of any playback token or policy.
   */
  open(streamId: string, rules: ViewerRules, number: string = newSessionNumber()): OpenedSession {
    const { viewerId, viewerSessionVersion = 0, strictOrigins, maximumResolution } = rules
    const session: ViewerSession = {
      number,
      streamId,
      expiresAtMs: Math.floor((this.#clock.nowMs() + SESSION_LIFETIME_MS) / 1000) * 1000,
      viewer: viewerId === undefined ? undefined : { id: viewerId, version: viewerSessionVersion },
      strictOrigins,
      maximumResolution,
    }
    const key = this.#keys.current
    const payload = writeSessionPayload({ keyDay: key.day, session })
    const id = Buffer.concat([payload, macOf(key, streamId, payload)]).toString('base64url')
    if (id.length > MAX_SESSION_ID_LENGTH) throw new RangeError('the rules of a session are too long')
    return { id, session }
  }

  /** The session called `id` while it lasts; undefined for every id that was not made for this stream. */
  find(id: string, streamId: string): ViewerSession | undefined {
    let session = this.#remembered.get(id)
    if (!session) {
      session = this.#read(id, streamId)
      if (session) this.#remembered.set(id, session)
    }
    return session?.streamId === streamId && session.expiresAtMs > this.#clock.nowMs() ? session : undefined
  }

  #read(id: string, streamId: string): ViewerSession | undefined {
    if (id.length > MAX_SESSION_ID_LENGTH) return undefined
    const bytes = Buffer.from(id, 'base64url')
    const payload = bytes.subarray(0, -MAC_BYTES)
    const keyDay = readKeyDay(payload)
    const key = keyDay === undefined ? undefined : this.#keys.find(keyDay)
    if (!key || !timingSafeEqual(bytes.subarray(-MAC_BYTES), macOf(key, streamId, payload))) return undefined
    // One session, one id: characters that decode to nothing, or bits that are left over, make another id of it.
    if (bytes.toString('base64url') !== id) return undefined
    const read = readSessionPayload(payload)
    return read && { ...read.session, streamId }
  }
}

/** A number that nobody can guess; letters, digits, `-` and `_`. */
function newSessionNumber(): string {
  return randomBytes(SESSION_NUMBER_BYTES).toString('base64url')
}

function macOf(key: SessionKey, streamId: string, payload: Buffer): Buffer {
  // The stream's id has letters, digits and a dash, so a line feed ends it without a doubt.
  const mac = createHmac('sha256', key.secret).update(`${MAC_PURPOSE}${streamId}\n`).update(payload)
  return mac.digest().subarray(0, MAC_BYTES)
}
