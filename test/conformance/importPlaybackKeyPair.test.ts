import { generateKeyPairSync } from 'node:crypto'
import {
  CreateChannelCommand,
  GetPlaybackKeyPairCommand,
  ImportPlaybackKeyPairCommand,
  IvsClient,
  ListPlaybackKeyPairsCommand,
} from '@aws-sdk/client-ivs'
import type { ImportPlaybackKeyPairCommandInput } from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ACCOUNT_ID, REGION, startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid } from './expect-refusal.ts'
import { freshPublicKeyPem } from './resource-makers.ts'

// Made with OpenSSL, which also told the digest: openssl pkey -pubin -outform DER | md5sum
const KEY = [
  '-----BEGIN PUBLIC KEY-----',
  'MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEku5+AvhUbzcfAQcOpu5tXXqgNXrbpFVi',
  'DFEc6RXv6osuWEGf7+ColkerFaJsjkuSXCn+n4CxRWBuawK0lVGm57lOFAB1gcYW',
  'cJ8n9BrpSNb6whQHczGX3gwnWEzsUvmA',
  '-----END PUBLIC KEY-----',
].join('\n')
const FINGERPRINT = 'b7:06:da:a8:fc:cf:34:96:8d:ac:c4:4b:61:e9:10:f0'
// The same key, with its point written short.
const SAME_KEY_SHORT = [
  '-----BEGIN PUBLIC KEY-----',
  'MEYwEAYHKoZIzj0CAQYFK4EEACIDMgACku5+AvhUbzcfAQcOpu5tXXqgNXrbpFVi',
  'DFEc6RXv6osuWEGf7+ColkerFaJsjkuS',
  '-----END PUBLIC KEY-----',
].join('\n')

const send = (api: ApiFixture, input: ImportPlaybackKeyPairCommandInput) =>
  api.client.send(new ImportPlaybackKeyPairCommand(input))

let empty: ApiFixture
beforeAll(async () => {
  empty = await startApi()
})
afterAll(() => empty[Symbol.asyncDispose]())

test('shows name, tags and the MD5 fingerprint of the DER key, and never the key', async () => {
  await using api = await startApi()
  const { keyPair } = await send(api, { publicKeyMaterial: KEY, name: 'mine', tags: { a: 'b' } })
  expect(keyPair).toEqual({
    arn: expect.stringMatching(
      new RegExp(`^arn:aws:ivs:${REGION}:${ACCOUNT_ID}:playback-key/[a-zA-Z0-9]{12}$`),
    ) as string,
    name: 'mine',
    fingerprint: FINGERPRINT,
    tags: { a: 'b' },
  })
  const kept = await api.client.send(new GetPlaybackKeyPairCommand({ arn: keyPair?.arn }))
  expect(kept.keyPair).toEqual(keyPair)
})

test('needs no name and no tags, and takes Windows line ends', async () => {
  await using api = await startApi()
  const { keyPair } = await send(api, { publicKeyMaterial: `${KEY}\n`.replaceAll('\n', '\r\n') })
  expect(keyPair).toMatchObject({ name: '', tags: {}, fingerprint: FINGERPRINT })
})

test.each([
  ['the same text', KEY],
  ['the same key with a short point', SAME_KEY_SHORT],
])('refuses %s a second time with 409, whatever its name', async (_what, publicKeyMaterial) => {
  await using api = await startApi()
  await send(api, { publicKeyMaterial: KEY, name: 'one' })
  await expectRefusal(send(api, { publicKeyMaterial, name: 'two' }), {
    name: 'ConflictException',
    status: 409,
    says: 'was imported already',
  })
  expect((await api.client.send(new ListPlaybackKeyPairsCommand({}))).keyPairs).toHaveLength(1)
})

test('names need not be unique', async () => {
  await using api = await startApi()
  await send(api, { publicKeyMaterial: freshPublicKeyPem(), name: 'same' })
  await send(api, { publicKeyMaterial: freshPublicKeyPem(), name: 'same' })
  expect((await api.client.send(new ListPlaybackKeyPairsCommand({}))).keyPairs).toHaveLength(2)
})

test('another account may import the same key', async () => {
  const keys = ['123456789012', '210987654321'].map((account) => ({
    id: `AK${account}`,
    secret: 's',
    account,
  }))
  await using api = await startApi({}, keys)
  for (const { id, secret, account } of keys) {
    const client = new IvsClient({
      endpoint: api.url,
      region: REGION,
      credentials: { accessKeyId: id, secretAccessKey: secret },
      systemClockOffset: api.clock.nowMs() - Date.now(),
    })
    const { keyPair } = await client.send(new ImportPlaybackKeyPairCommand({ publicKeyMaterial: KEY }))
    expect(keyPair?.arn).toContain(`:${account}:`)
  }
})

test('refuses a fourth key with 402, also when many are imported at once', async () => {
  await using api = await startApi()
  const imports = Array.from({ length: 6 }, () => send(api, { publicKeyMaterial: freshPublicKeyPem() }))
  const outcomes = await Promise.allSettled(imports)
  expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(3)
  await expectRefusal(send(api, { publicKeyMaterial: freshPublicKeyPem() }), {
    name: 'ServiceQuotaExceededException',
    status: 402,
    says: 'an account can have 3 playback key pairs',
  })
})

test('imports a key once when many ask at once', async () => {
  await using api = await startApi()
  const imports = Array.from({ length: 5 }, () => send(api, { publicKeyMaterial: KEY }))
  const outcomes = await Promise.allSettled(imports)
  expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1)
})

const privateKeyPem = generateKeyPairSync('ec', { namedCurve: 'secp384r1' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()
const rsaPem = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .publicKey.export({ type: 'spki', format: 'pem' })
  .toString()

test.each<{ what: string; input: Partial<ImportPlaybackKeyPairCommandInput>; says: string }>([
  { what: 'no key', input: { name: 'x' }, says: 'publicKeyMaterial is required' },
  { what: 'an empty key', input: { publicKeyMaterial: '' }, says: 'must be one public key in PEM' },
  { what: 'any text', input: { publicKeyMaterial: 'hello' }, says: 'must be one public key in PEM' },
  {
    what: 'a private key',
    input: { publicKeyMaterial: privateKeyPem },
    says: 'must be one public key in PEM',
  },
  { what: 'two keys', input: { publicKeyMaterial: `${KEY}\n${KEY}` }, says: 'must be one public key in PEM' },
  {
    what: 'a very long key',
    input: { publicKeyMaterial: KEY.replace('\n', '\n'.repeat(3000)) },
    says: 'must be one public key in PEM',
  },
  {
    what: 'a damaged key',
    input: { publicKeyMaterial: KEY.replace('MHYw', 'MHYx') },
    says: 'cannot be read as a public key',
  },
  {
    what: 'a point beside the curve',
    input: { publicKeyMaterial: KEY.replace('UvmA', 'UvmB') },
    says: 'cannot be read as a public key',
  },
  { what: 'a key on P-256', input: { publicKeyMaterial: freshPublicKeyPem('P-256') }, says: 'key on P-384' },
  { what: 'an RSA key', input: { publicKeyMaterial: rsaPem }, says: 'key on P-384' },
  { what: 'a bad name', input: { publicKeyMaterial: KEY, name: 'a b' }, says: 'name must match' },
  {
    what: 'a reserved tag',
    input: { publicKeyMaterial: KEY, tags: { 'aws:a': '' } },
    says: 'reserved prefix',
  },
])('refuses $what with 400 and imports nothing', async ({ input, says }) => {
  const call = send(empty, input as ImportPlaybackKeyPairCommandInput)
  await expectRefusal(call, invalid(says))
  expect((await empty.client.send(new ListPlaybackKeyPairsCommand({}))).keyPairs).toEqual([])
})

test('does not repeat what was sent: it may be a private key', async () => {
  await using api = await startApi()
  const call = send(api, { publicKeyMaterial: privateKeyPem })
  await expect(call).rejects.not.toMatchObject({ message: expect.stringContaining('PRIVATE') as string })
  expect((await api.client.send(new CreateChannelCommand({}))).channel).toBeDefined()
})
