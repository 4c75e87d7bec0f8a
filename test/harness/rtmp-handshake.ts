/**
 * The client's side of the RTMP handshake, and a check of what the server answers.
 *
 * Spec: RTMP 1.0 §5.2; the digests are the ones of `src/media/rtmp/handshake-digest.ts`.
 */
import assert from 'node:assert/strict'
import {
  CLIENT_KEY,
  findDigest,
  HANDSHAKE_BLOCK_BYTES,
  SERVER_KEY,
  signFirstBlock,
  signSecondBlock,
  verifySecondBlock,
} from '../../src/media/rtmp/handshake-digest.ts'

/** Plain, or with the digest at either of its two places. */
export type HandshakeKind = 'simple' | 'complex-0' | 'complex-1'

/** Bytes of S0, S1 and S2 together. */
export const SERVER_HANDSHAKE_BYTES: number = 1 + 2 * HANDSHAKE_BLOCK_BYTES

/** C0 and C1, the digest in them where there is one, and C2 for a client that does not wait for S1. */
export type ClientHandshake = {
  readonly kind: HandshakeKind
  readonly c0c1: Buffer
  readonly digest: Buffer | undefined
}

/** What a client sends first; the random part is fixed so that runs are alike. */
export function clientHandshake(kind: HandshakeKind): ClientHandshake {
  const block = Buffer.from(
    Array.from({ length: HANDSHAKE_BLOCK_BYTES }, (_, index) => (index * 131 + 7) & 0xff),
  )
  block.fill(0, 0, 8)
  let digest: Buffer | undefined
  if (kind !== 'simple') {
    block.writeUInt32BE(0x80_00_07_02, 4)
    digest = signFirstBlock(block, kind === 'complex-0' ? 0 : 1, CLIENT_KEY)
  }
  return { kind, c0c1: Buffer.concat([Buffer.from([3]), block]), digest }
}

/**
 * Checks S0, S1 and S2 as a strict client would, and gives C2.
 *
 * @throws when the server did not answer in the form it was asked in.
 */
export function answerServer(client: ClientHandshake, serverBytes: Buffer): Buffer {
  assert.equal(serverBytes.length, SERVER_HANDSHAKE_BYTES)
  assert.equal(serverBytes[0], 3, 'S0 names version 3')
  const s1 = serverBytes.subarray(1, 1 + HANDSHAKE_BLOCK_BYTES)
  const s2 = serverBytes.subarray(1 + HANDSHAKE_BLOCK_BYTES)
  if (!client.digest) {
    assert.equal(s1.readUInt32BE(4), 0, 'S1 of a simple handshake has four zero bytes')
    assert.deepEqual(s2, client.c0c1.subarray(1), 'S2 echoes C1')
    return Buffer.from(s1)
  }
  const found = findDigest(s1, SERVER_KEY)
  assert(found, 'S1 is signed')
  assert.equal(`complex-${found.scheme}`, client.kind, 'S1 is signed in the place that the client used')
  assert(verifySecondBlock(s2, client.digest, SERVER_KEY), 'S2 answers the digest of C1')
  const c2 = Buffer.alloc(HANDSHAKE_BLOCK_BYTES)
  signSecondBlock(c2, found.digest, CLIENT_KEY)
  return c2
}
