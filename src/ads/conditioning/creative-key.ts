/**
 * Names of conditioned creatives: made of everything that their bytes depend on, so that a name never changes its
 * content.
 *
 * Reference: ssai §3.6. The file's URL is part of the name: some ad servers use one creative id for several files.
 */
import { createHash } from 'node:crypto'
import type { AdProfile, CreativeSource } from '../creative-library.ts'

/** Grows whenever the same creative would be encoded or stored in another way. */
export const RECIPE_VERSION = 1

/** Hexadecimal digits of a key. */
export const CREATIVE_KEY_CHARS = 64

/** The key of a creative that is conditioned for a profile. */
export function creativeKey(
  { creativeId, url }: CreativeSource,
  { fingerprint }: Pick<AdProfile, 'fingerprint'>,
): string {
  // As JSON, so that no two lists of texts look the same.
  const parts = JSON.stringify([RECIPE_VERSION, creativeId, url, fingerprint])
  return createHash('sha256').update(parts).digest('hex')
}

/** Whether `text` can be a key, and so the name of a directory. */
export function isCreativeKey(text: string): boolean {
  return text.length === CREATIVE_KEY_CHARS && /^[0-9a-f]+$/.test(text)
}

/** What players are told: the first half of the key in the form of a UUID (RFC 9562 §5.8, version 8). */
export function assetIdOf(key: string): string {
  const variant = ((Number.parseInt(key.charAt(16), 16) & 0x3) | 0x8).toString(16)
  return [
    key.slice(0, 8),
    key.slice(8, 12),
    `8${key.slice(13, 16)}`,
    `${variant}${key.slice(17, 20)}`,
    key.slice(20, 32),
  ].join('-')
}
