/**
 * Whose signature a playback token carries: it is tried against every key of the channel's account.
 *
 * Every token that can be read costs the same verifications, whether its signature, its key or its channel is wrong, so
 * that neither text nor time tells which. Only tokens that were good are remembered, and only with the keys and the
 * channel they were good for.
 */
import { compactVerify, errors, generateKeyPair } from 'jose'
import type { CryptoKey } from 'jose'
import type { Channel } from '../domain/channel.ts'
import type { AccessRefusal } from '../domain/viewer-access.ts'
import type { KeyRing, KeySet } from './key-ring.ts'
import { invalidToken, TOKEN_NOT_FOR_CHANNEL } from './refusals.ts'
import { CHANNEL_CLAIM, readTokenClaims } from './token-claims.ts'
import type { TokenClaims } from './token-claims.ts'
import { readTokenForm, TOKEN_ALGORITHM } from './token-form.ts'

/** What a token turned out to be; whether it holds now is not said. */
export type VerifiedToken =
  | { readonly kind: 'good'; readonly claims: TokenClaims }
  | { readonly kind: 'refused'; readonly refusal: AccessRefusal }

type Remembered = { readonly keySet: KeySet; readonly claims: TokenClaims }

/** Good tokens that are remembered: at most 2 KB each. */
const MAX_REMEMBERED = 4096

/** Verifies playback tokens. */
export class TokenVerifier {
  readonly #keyRing: KeyRing
  readonly #remembered = new Map<string, Remembered>()
  #decoy: Promise<CryptoKey> | undefined

  constructor(keyRing: KeyRing) {
    this.#keyRing = keyRing
  }

  /**
   * Verifies `token` for `channel`; rejects when the keys cannot be loaded.
   *
   * @param mayVerify asked before the expensive part; without its consent only a remembered token is good.
   * @returns undefined when `mayVerify` did not consent.
   */
  async verify(
    token: string,
    channel: Channel,
    mayVerify: () => boolean,
  ): Promise<VerifiedToken | undefined> {
    const form = readTokenForm(token)
    if (form.kind === 'malformed') return { kind: 'refused', refusal: invalidToken(form.fault) }
    const keySet = await this.#keyRing.keysOf(channel.accountId)
    const known = this.#remembered.get(token)
    if (known?.keySet === keySet && known.claims.channelArn === channel.arn) {
      return { kind: 'good', claims: known.claims }
    }
    if (!mayVerify()) return undefined
    const isSigned = await this.#isSigned(token, keySet)
    if (!isSigned || form.claims[CHANNEL_CLAIM] !== channel.arn) {
      return { kind: 'refused', refusal: TOKEN_NOT_FOR_CHANNEL }
    }
    const outcome = readTokenClaims(form.claims)
    if (outcome.kind === 'broken') return { kind: 'refused', refusal: invalidToken(outcome.fault) }
    this.#remember(token, { keySet, claims: outcome.claims })
    return { kind: 'good', claims: outcome.claims }
  }

  async #isSigned(token: string, { keys }: KeySet): Promise<boolean> {
    if (keys.length === 0) {
      // An account without keys answers no faster than one with a key.
      await isSignedWith(token, await (this.#decoy ??= makeDecoy()))
      return false
    }
    // All of them to the end: stopping at the first would tell a good signature from a bad one.
    const matches = await Promise.all(keys.map((key) => isSignedWith(token, key)))
    return matches.includes(true)
  }

  #remember(token: string, remembered: Remembered): void {
    this.#remembered.delete(token)
    this.#remembered.set(token, remembered)
    const [oldest] = this.#remembered.keys()
    if (this.#remembered.size > MAX_REMEMBERED && oldest !== undefined) this.#remembered.delete(oldest)
  }
}

async function isSignedWith(token: string, key: CryptoKey): Promise<boolean> {
  try {
    await compactVerify(token, key, { algorithms: [TOKEN_ALGORITHM] })
    return true
  } catch (error) {
    if (error instanceof errors.JOSEError) return false
    throw error
  }
}

async function makeDecoy(): Promise<CryptoKey> {
  const { publicKey } = await generateKeyPair(TOKEN_ALGORITHM)
  return publicKey
}
