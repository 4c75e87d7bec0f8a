import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DomainError } from './errors.ts'
import { newPlaybackKeyPair } from './playback-key-pair.ts'

const BIRTH = { region: 'us-west-2', accountId: '123456789012', nowMs: 7 }
const importKey = (publicKeyMaterial: string) => newPlaybackKeyPair(BIRTH, { publicKeyMaterial })

const PEM = generateKeyPairSync('ec', { namedCurve: 'secp384r1' })
  .publicKey.export({ type: 'spki', format: 'pem' })
  .toString()

test('keeps the key in one form, whatever the white space around it', () => {
  const pair = importKey(PEM)
  expect(pair).toMatchObject({ publicKeyPem: PEM, createdAtMs: 7, name: '', tags: {} })
  const lines = PEM.trim().split('\n')
  for (const other of [`\n ${PEM}\n\n`, lines.join('\r\n'), PEM.trim()]) {
    expect(importKey(other)).toMatchObject({ publicKeyPem: PEM, fingerprint: pair.fingerprint })
  }
})

test('different keys have different fingerprints and ARNs', () => {
  const other = generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).publicKey
  const [one, two] = [importKey(PEM), importKey(other.export({ type: 'spki', format: 'pem' }).toString())]
  expect(one.fingerprint).not.toBe(two.fingerprint)
  expect(one.arn).not.toBe(two.arn)
})

function expectKeyOrRefusal(text: string): void {
  try {
    expect(importKey(text).fingerprint).toMatch(/^[0-9a-f]{2}(:[0-9a-f]{2}){15}$/)
  } catch (error) {
    expect(error).toBeInstanceOf(DomainError)
    expect(error).toMatchObject({ code: 'VALIDATION' })
  }
}

test('any text is a key or is refused', () => {
  fc.assert(fc.property(fc.string(), expectKeyOrRefusal))
})

test('any bytes in the dress of a key are a key or are refused', () => {
  const dressed = fc.uint8Array({ maxLength: 200 }).map((bytes) => {
    const body = Buffer.from(bytes).toString('base64')
    return `-----BEGIN PUBLIC KEY-----\n${body}\n-----END PUBLIC KEY-----`
  })
  fc.assert(fc.property(dressed, expectKeyOrRefusal))
})

test('a key with some bytes changed is a key or is refused', () => {
  const der = Buffer.from(PEM.replace(/-----[A-Z ]+-----/g, ''), 'base64')
  const change = fc.array(fc.tuple(fc.nat(der.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(change, (changes) => {
      const changed = Buffer.from(der)
      for (const [at, byte] of changes) changed[at] = byte
      expectKeyOrRefusal(
        `-----BEGIN PUBLIC KEY-----\n${changed.toString('base64')}\n-----END PUBLIC KEY-----`,
      )
    }),
  )
})
