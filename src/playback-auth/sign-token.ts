/**
 * Signs playback tokens, for trying things out: in earnest the owner of the private key does it.
 */
import { createPrivateKey } from 'node:crypto'
import { SignJWT } from 'jose'
import { TOKEN_ALGORITHM, type RawClaims } from './token-form.ts'

/**
 * A token with `claims`.
 *
 * @param privateKeyPem PEM of a private key on the curve P-384.
 * @throws {TypeError} when it is none.
 */
export async function signPlaybackToken(claims: RawClaims, privateKeyPem: string): Promise<string> {
  const key = readPrivateKey(privateKeyPem)
  const header = { alg: TOKEN_ALGORITHM, typ: 'JWT' }
  return new SignJWT({ ...claims }).setProtectedHeader(header).sign(key)
}

function readPrivateKey(pem: string): ReturnType<typeof createPrivateKey> {
  const want = 'want a private key on the curve P-384 (secp384r1) in PEM, without a passphrase'
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyDetails?.namedCurve === 'secp384r1') return key
  } catch {
    // The cause may quote the key.
  }
  throw new TypeError(want)
}
