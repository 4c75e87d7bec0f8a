import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tokenSigner } from '../../test/harness/playback-tokens.ts'
import { authorizationFixture } from '../playback-auth/authorization-fixture.ts'
import { parseCommandLine } from './cli.ts'
import { createToken } from './token-command.ts'

const signer = tokenSigner()
const ARN = 'arn:aws:ivs:us-west-2:000000000000:channel/AbCdEfGhIjKl'
const NOW_MS = Date.UTC(2026, 0, 1)
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

let directory = ''
let keyFile = ''
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'headwater-token-'))
  keyFile = join(directory, 'key.pem')
  await writeFile(keyFile, signer.privateKeyPem)
})
afterAll(() => rm(directory, { recursive: true }))

/** Runs the command as typed. */
async function create(...args: string[]): Promise<string> {
  const typed = ['token', 'create', '--channel', ARN, '--private-key', keyFile, ...args]
  const invocation = parseCommandLine(typed)
  if (invocation.kind !== 'create-token') throw new Error(JSON.stringify(invocation))
  return createToken(invocation.options, NOW_MS)
}

function partOf(token: string, index: 0 | 1): unknown {
  return JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString())
}

describe('token create', () => {
  test('makes a token for five minutes that opens the channel and nothing more', async () => {
    const token = await create()
    expect(partOf(token, 0)).toEqual({ alg: 'ES384', typ: 'JWT' })
    expect(partOf(token, 1)).toEqual({ 'aws:channel-arn': ARN, exp: NOW_MS / 1000 + 300 })
  })

  test('makes every claim that there is', async () => {
    const token = await create(
      ...['--expires-in', '60', '--viewer-id', 'ann', '--viewer-session-version', '7', '--single-use'],
      ...['--origin', 'https://a.test', 'https://*.b.test', '--strict-origin', '--maximum-resolution', 'SD'],
      ...['--ads-opt-out', '--ads-player-param', 'genre=sport', 'empty=', '--ads-playback-config-name', 'x'],
      ...['--ads-reporting-mode', 'CLIENT'],
    )
    expect(partOf(token, 1)).toEqual({
      'aws:channel-arn': ARN,
      exp: NOW_MS / 1000 + 60,
      'aws:viewer-id': 'ann',
      'aws:viewer-session-version': 7,
      'aws:single-use-uuid': expect.stringMatching(UUID) as unknown,
      'aws:access-control-allow-origin': 'https://a.test,https://*.b.test',
      'aws:strict-origin-enforcement': true,
      'aws:maximum-resolution': 'SD',
      'aws:ads-opt-out': true,
      'aws:ads-player-params': { genre: 'sport', empty: '' },
      'aws:ads-playback-config-name': 'x',
      'aws:ads-reporting-mode': 'CLIENT',
    })
  })

  test('makes a token that lets its holder in', async () => {
    const fixture = authorizationFixture()
    const channel = fixture.makeChannel({ authorized: true, arn: ARN })
    fixture.importKey(signer.publicKeyPem)
    fixture.clock.advance(NOW_MS - fixture.clock.nowMs())
    const token = await create('--viewer-id', 'ann')
    expect(await fixture.authorize(channel, { token })).toMatchObject({ rules: { viewerId: 'ann' } })
  })

  test('reads keys as openssl writes them, too', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' })
    const file = join(directory, 'sec1.pem')
    await writeFile(file, privateKey.export({ type: 'sec1', format: 'pem' }))
    expect((await create('--private-key', file)).split('.')).toHaveLength(3)
  })

  test.each([
    [['--viewer-id', 'x'.repeat(41)], 'aws:viewer-id must be a text of 1 to 40 characters'],
    [['--viewer-session-version', '1'], 'aws:viewer-session-version needs aws:viewer-id'],
    [
      ['--expires-in', '601', '--single-use'],
      'with a viewer id or single use a token lasts at most 600 seconds',
    ],
    [
      ['--strict-origin', '--origin', '1', '2', '3', '4', '5', '6'],
      'aws:access-control-allow-origin must name at most 5 origins',
    ],
  ])('%j is refused, for no server would take it', async (args, problem) => {
    await expect(create(...args)).rejects.toThrow(problem)
  })

  test('refuses to make a token that is too long for any server', async () => {
    await expect(create('--origin', `https://${'x'.repeat(2000)}.test`)).rejects.toThrow(
      /^the token has [0-9]{4} bytes; at most 2048 are accepted$/,
    )
  })

  test('refuses a key of another kind, and shows nothing of it', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const file = join(directory, 'p256.pem')
    await writeFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }))
    const want = 'want a private key on the curve P-384 (secp384r1) in PEM, without a passphrase'
    await expect(create('--private-key', file)).rejects.toThrow(`private key ${file}: ${want}`)
    await writeFile(file, 'secret nonsense')
    await expect(create('--private-key', file)).rejects.toThrow(`private key ${file}: ${want}`)
    await expect(create('--private-key', `${file}.gone`)).rejects.toThrow('the file cannot be read')
  })
})

describe('its command line', () => {
  test.each([
    [['token', 'create', '--private-key', 'x'], "required option '--channel <arn>' not specified"],
    [['token', 'create', '--channel', ARN], "required option '--private-key <file>' not specified"],
    [
      ['token', 'create', '--channel', ARN, '--private-key', 'x', '--expires-in', 'soon'],
      "option '--expires-in <seconds>' argument 'soon' is invalid. Want a whole number.",
    ],
    [
      ['token', 'create', '--channel', ARN, '--private-key', 'x', '--maximum-resolution', 'UHD'],
      "option '--maximum-resolution <class>' argument 'UHD' is invalid. Allowed choices are SD, HD, FULL_HD.",
    ],
    [['token', 'make'], "unknown command 'make'"],
  ])('%j is refused in one line', (args, problem) => {
    expect(parseCommandLine(args)).toEqual({ kind: 'refused', problem })
  })

  test.each([[['token']], [['token', '--help']], [['token', 'create', '--help']]])(
    '%j prints its usage',
    (args) => {
      expect(parseCommandLine(args)).toMatchObject({
        kind: 'print',
        text: expect.stringContaining('Usage: headwater token') as unknown,
      })
    },
  )
})
