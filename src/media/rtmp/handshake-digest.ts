/**
 * Digests of the complex handshake: an HMAC hidden in the random bytes of C1, S1, C2 and S2.
 *
 * Nothing secret is in here. The keys are constants that every RTMP program holds; the digest only tells the peers that
 * the other side speaks this form.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'

/** Bytes of C1, S1, C2 and S2. */
export const HANDSHAKE_BLOCK_BYTES = 1536

/** Where the digest of a block lies: found from the four bytes at 8, or from those at 772. */
export type DigestScheme = 0 | 1

const DIGEST_BYTES = 32
const KEY_TAIL = Buffer.from('f0eec24a8068bee82e00d0d1029e7e576eec5d2d29806fab93b8e636cfeb31ae', 'hex')

/** Key halves of one side: the short one signs its first block, the whole one the second. */
export type HandshakeKey = { readonly short: Buffer; readonly whole: Buffer }

/** Key of the side that connects. */
export const CLIENT_KEY: HandshakeKey = keyOf('Genuine Adobe Flash Player 001')

/** Key of the side that listens. */
export const SERVER_KEY: HandshakeKey = keyOf('Genuine Adobe Flash Media Server 001')

/** The scheme and digest that `key`'s owner put into `block`; undefined when neither place holds one. */
export function findDigest(
  block: Buffer,
  key: HandshakeKey,
): { scheme: DigestScheme; digest: Buffer } | undefined {
  for (const scheme of [1, 0] as const) {
    const at = digestOffset(block, scheme)
    const digest = block.subarray(at, at + DIGEST_BYTES)
    if (timingSafeEqual(digest, hmacAround(block, at, key.short)))
      return { scheme, digest: Buffer.from(digest) }
  }
  return undefined
}

/** Signs a first block (C1 or S1) in place and returns its digest. */
export function signFirstBlock(block: Buffer, scheme: DigestScheme, key: HandshakeKey): Buffer {
  const at = digestOffset(block, scheme)
  const digest = hmacAround(block, at, key.short)
  digest.copy(block, at)
  return digest
}

/** Signs a second block (C2 or S2) in place, answering the digest of the peer's first block. */
export function signSecondBlock(block: Buffer, peerDigest: Buffer, key: HandshakeKey): void {
  secondBlockDigest(block, peerDigest, key).copy(block, HANDSHAKE_BLOCK_BYTES - DIGEST_BYTES)
}

/** Whether a second block answers `ownDigest` with the peer's `key`. */
export function verifySecondBlock(block: Buffer, ownDigest: Buffer, key: HandshakeKey): boolean {
  const digest = block.subarray(HANDSHAKE_BLOCK_BYTES - DIGEST_BYTES)
  return timingSafeEqual(digest, secondBlockDigest(block, ownDigest, key))
}

function secondBlockDigest(block: Buffer, peerDigest: Buffer, key: HandshakeKey): Buffer {
  const blockKey = hmac(key.whole, peerDigest)
  return hmac(blockKey, block.subarray(0, HANDSHAKE_BLOCK_BYTES - DIGEST_BYTES))
}

function digestOffset(block: Buffer, scheme: DigestScheme): number {
  const pointerAt = scheme === 0 ? 8 : 772
  const sum = block.subarray(pointerAt, pointerAt + 4).reduce((total, byte) => total + byte, 0)
  return pointerAt + 4 + (sum % 728)
}

function hmacAround(block: Buffer, digestAt: number, key: Buffer): Buffer {
  return createHmac('sha256', key)
    .update(block.subarray(0, digestAt))
    .update(block.subarray(digestAt + DIGEST_BYTES))
    .digest()
}

function hmac(key: Buffer, bytes: Buffer): Buffer {
  return createHmac('sha256', key).update(bytes).digest()
}

function keyOf(name: string): HandshakeKey {
  const short = Buffer.from(name, 'latin1')
  return { short, whole: Buffer.concat([short, KEY_TAIL]) }
}
