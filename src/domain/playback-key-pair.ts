/**
 * Playback key pairs: the public keys that playback tokens of private channels are checked with
 * (reference ivs-api §7 ImportPlaybackKeyPair, §10).
 *
 * The private half stays with its owner. Checking tokens is not done here.
 */
import { createHash, createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { Birth } from './channel-rules.ts'
import type { Tags } from './channel.ts'
import { DomainError } from './errors.ts'
import { bearResource } from './resource-birth.ts'
import type { BornResource } from './resource-birth.ts'

/** An imported public key. It never changes, but for its tags. */
export type PlaybackKeyPair = BornResource & {
  readonly name: string
  /** MD5 of the DER SubjectPublicKeyInfo: 16 lower-case hexadecimal bytes with colons between. */
  readonly fingerprint: string
  /** PEM SubjectPublicKeyInfo, always in the same form for the same key. */
  readonly publicKeyPem: string
}

/** What an owner imports. */
export type PlaybackKeyImport = {
  /** PEM SubjectPublicKeyInfo on the curve P-384. */
  readonly publicKeyMaterial: string
  readonly name?: string
  readonly tags?: Tags
}

const CURVE = 'secp384r1'
// A key on P-384 has about 220 characters; the rest is room for line ends and spaces.
const MAX_PEM_CHARS = 2048
// Only this label: in private keys and certificates there is a public key as well.
const PUBLIC_KEY_PEM = /^\s*-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----\s*$/

/**
 * A key pair with the public key in `request`.
 *
 * @throws {DomainError} `VALIDATION` when it is not one PEM public key on P-384, or the tags break their rules.
 */
export function newPlaybackKeyPair(birth: Birth, request: PlaybackKeyImport): PlaybackKeyPair {
  const key = readPublicKey(request.publicKeyMaterial)
  const der = key.export({ type: 'spki', format: 'der' })
  return {
    ...bearResource(birth, 'playback-key', request.tags),
    name: request.name ?? '',
    fingerprint: fingerprintOf(der),
    publicKeyPem: key.export({ type: 'spki', format: 'pem' }).toString(),
  }
}

function readPublicKey(pem: string): KeyObject {
  const [, base64] = (pem.length <= MAX_PEM_CHARS && PUBLIC_KEY_PEM.exec(pem)) || []
  if (base64 === undefined) throw refusal('must be one public key in PEM')
  const key = parse(Buffer.from(base64, 'base64'))
  if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== CURVE) {
    throw refusal('must be an elliptic curve key on P-384')
  }
  // A point may be written short or long; through its coordinates every key gets the one long form.
  return createPublicKey({ key: key.export({ format: 'jwk' }), format: 'jwk' })
}

function parse(der: Buffer): KeyObject {
  try {
    return createPublicKey({ key: der, format: 'der', type: 'spki' })
  } catch (cause) {
    throw refusal('cannot be read as a public key', { cause })
  }
}

function fingerprintOf(der: Buffer): string {
  const digest = createHash('md5').update(der).digest()
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join(':')
}

function refusal(fault: string, options?: ErrorOptions): DomainError {
  return new DomainError('VALIDATION', `publicKeyMaterial ${fault}`, options)
}
