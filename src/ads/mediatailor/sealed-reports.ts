/**
 * What has to be reported while one viewer fetches one ad, sealed into the text that the ad's addresses carry: any server
 * of the installation can open it, and none has to remember the viewer.
 *
 * The text is base64url of: form (1 byte), key day (4, big endian), nonce (12), AES-256-GCM over the deflated JSON of the
 * report, its tag (16). It is sealed so that nobody reads or makes up beacons.
 *
 * Spec: NIST SP 800-38D. Reference: ssai §3.10 (beacons without sessions).
 */
import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Clock } from '../../base/clock.ts'
import { BEACON_MEMORY_MS } from '../../domain/beacon-queue.ts'
import type { BeaconViewer } from '../ad-viewer.ts'
import type { BeaconTimeline } from '../beacons/beacon-timeline.ts'

/** One ad in one break of one viewing session. */
export type AdReport = {
  readonly viewer: BeaconViewer
  readonly streamId: string
  readonly breakId: string
  readonly adIndex: number
  readonly configurationName: string
  /** Where the ad's media is, see `creative-address.ts`. */
  readonly creative: string
  /** Undefined when it is too long to be carried: the server that decided knows it. */
  readonly timeline: BeaconTimeline | undefined
}

/** What was found in a text. */
export type OpenedReport = {
  readonly report: AdReport
  /** What it reports may be forgotten by now, and would be reported again. */
  readonly isOld: boolean
}

/** A secret of a day, counted from the Unix epoch in UTC: the same on every server. */
export type DailySecret = { readonly day: number; readonly secret: KeyObject }

/** The secrets of the last days. */
export type DailySecrets = {
  readonly current: DailySecret
  readonly find: (day: number) => DailySecret | undefined
}

/** Longest text, in characters: addresses with it stay below the 8,192 that caches and proxies take. */
export const MAX_SEALED_CHARS = 6144
const FORM = 1
const HEAD_BYTES = 5
const NONCE_BYTES = 12
const TAG_BYTES = 16
const CIPHER = 'aes-256-gcm'
const KEY_BYTES = 32
const KEY_PURPOSE = 'reports of guided ads'
/** Of a report, taken apart. */
const MAX_JSON_BYTES = 1024 * 1024

type Contents = Omit<AdReport, 'timeline'> & {
  readonly sealedAtMs: number
  /** `null` stands for the ad's end. */
  readonly timeline?: readonly (readonly [event: string, atMs: number | null, urls: readonly string[]])[]
}

/** Seals and opens reports. */
export class SealedReports {
  readonly #secrets: DailySecrets
  readonly #clock: Clock
  /** As many as there are secrets. */
  readonly #keys = new WeakMap<KeyObject, KeyObject>()

  constructor(secrets: DailySecrets, clock: Clock) {
    this.#secrets = secrets
    this.#clock = clock
  }

  /** The text of `report`, of `MAX_SEALED_CHARS` at most: a longer one goes without its timeline. */
  seal(report: AdReport): string {
    const whole = this.#sealed(report)
    return whole.length <= MAX_SEALED_CHARS ? whole : this.#sealed({ ...report, timeline: undefined })
  }

  /** What `text` was made of; undefined for everything that no server here has sealed in the last days. */
  open(text: string): OpenedReport | undefined {
    const bytes = text.length <= MAX_SEALED_CHARS ? Buffer.from(text, 'base64url') : Buffer.alloc(0)
    if (bytes.length <= HEAD_BYTES + NONCE_BYTES + TAG_BYTES || bytes.readUInt8() !== FORM) return undefined
    const secret = this.#secrets.find(bytes.readUInt32BE(1))
    const json = secret && decrypted(this.#keyOf(secret), bytes)
    if (!json) return undefined
    // Nobody but a server of this installation can have written it.
    const { sealedAtMs, timeline, ...rest } = JSON.parse(json.toString()) as Contents
    const events = timeline?.map(([event, atMs, urls]) => ({ event, atMs: atMs ?? Infinity, urls }))
    const isOld = this.#clock.nowMs() - sealedAtMs >= BEACON_MEMORY_MS
    return { report: { ...rest, timeline: events }, isOld }
  }

  #sealed({ timeline, ...rest }: AdReport): string {
    const contents: Contents = {
      ...rest,
      sealedAtMs: this.#clock.nowMs(),
      ...(timeline && {
        timeline: timeline.map(({ event, atMs, urls }) => [event, atMs === Infinity ? null : atMs, urls]),
      }),
    }
    const secret = this.#secrets.current
    const head = Buffer.alloc(HEAD_BYTES)
    head.writeUInt8(FORM)
    head.writeUInt32BE(secret.day, 1)
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv(CIPHER, this.#keyOf(secret), nonce).setAAD(head)
    const body = cipher.update(deflateRawSync(JSON.stringify(contents)))
    const parts = [head, nonce, body, cipher.final(), cipher.getAuthTag()]
    return Buffer.concat(parts).toString('base64url')
  }

  #keyOf({ secret }: DailySecret): KeyObject {
    let key = this.#keys.get(secret)
    if (!key) {
      key = createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', KEY_PURPOSE, KEY_BYTES)))
      this.#keys.set(secret, key)
    }
    return key
  }
}

function decrypted(key: KeyObject, bytes: Buffer): Buffer | undefined {
  const nonce = bytes.subarray(HEAD_BYTES, HEAD_BYTES + NONCE_BYTES)
  const body = bytes.subarray(HEAD_BYTES + NONCE_BYTES, -TAG_BYTES)
  try {
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
      .setAAD(bytes.subarray(0, HEAD_BYTES))
      .setAuthTag(bytes.subarray(-TAG_BYTES))
    const packed = Buffer.concat([decipher.update(body), decipher.final()])
    return inflateRawSync(packed, { maxOutputLength: MAX_JSON_BYTES })
  } catch {
    return undefined
  }
}
