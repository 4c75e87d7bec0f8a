/**
 * Playback tokens of every kind, good and bad, made with Node's own signatures and not with the library that checks them.
 */
import { constants, createHmac, generateKeyPairSync, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

/** Claims or header fields. */
export type TokenObject = Readonly<Record<string, unknown>>

/** Somebody with a key pair on P-384. */
export type TokenSigner = {
  readonly publicKeyPem: string
  readonly privateKeyPem: string
  /** The public key as a JSON Web Key. */
  readonly publicJwk: unknown
  /** A token with `claims`; header fields are added to alg and typ or, when undefined, taken away. */
  readonly sign: (claims: TokenObject, header?: TokenObject) => string
  /** The signature over any text, as JOSE writes it. */
  readonly signature: (text: string) => string
  /** The same in DER, or over another hash. */
  readonly oddSignature: (text: string, form: 'der' | 'sha256') => string
}

const P384 = 'P-384'

/** A signer with a new key pair. */
export function tokenSigner(): TokenSigner {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: P384 })
  const signature = (text: string): string => signRaw('sha384', text, privateKey)
  return {
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicJwk: publicKey.export({ format: 'jwk' }),
    sign: (claims, header = {}) => {
      const text = signedText({ alg: 'ES384', typ: 'JWT', ...header }, claims)
      return `${text}.${signature(text)}`
    },
    signature,
    oddSignature: (text, form) =>
      form === 'der'
        ? sign('sha384', Buffer.from(text), privateKey).toString('base64url')
        : signRaw('sha256', text, privateKey),
  }
}

/** Header and claims as they stand in a token, for a signature to follow. */
export function signedText(header: unknown, claims: unknown): string {
  return `${segment(JSON.stringify(header))}.${segment(JSON.stringify(claims))}`
}

/** Any text or bytes as a segment of a token. */
export function segment(content: string | Buffer): string {
  return Buffer.from(content).toString('base64url')
}

/** A token that some other algorithm signs, with a header that says so. */
export function foreignToken(
  alg: 'HS256' | 'HS384' | 'RS256' | 'PS384' | 'ES256' | 'ES512',
  claims: TokenObject,
  secret = '',
): string {
  const text = signedText({ alg, typ: 'JWT' }, claims)
  return `${text}.${foreignSignature(alg, text, secret)}`
}

function foreignSignature(alg: Parameters<typeof foreignToken>[0], text: string, secret: string): string {
  switch (alg) {
    case 'HS256':
      return createHmac('sha256', secret).update(text).digest('base64url')
    case 'HS384':
      return createHmac('sha384', secret).update(text).digest('base64url')
    case 'RS256':
      return sign('sha256', Buffer.from(text), rsaKey()).toString('base64url')
    case 'PS384': {
      const padding = constants.RSA_PKCS1_PSS_PADDING
      return sign('sha384', Buffer.from(text), { key: rsaKey(), padding, saltLength: 48 }).toString(
        'base64url',
      )
    }
    case 'ES256':
      return signRaw('sha256', text, generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
    case 'ES512':
      return signRaw('sha512', text, generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey)
  }
}

function rsaKey(): KeyObject {
  return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
}

function signRaw(hash: string, text: string, key: KeyObject): string {
  return sign(hash, Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')
}
