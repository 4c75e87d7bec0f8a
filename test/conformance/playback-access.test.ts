/**
 * Every sort of playback token over HTTP, with every kind of request that a player makes (reference ivs-behaviour §6.2,
 * §6.4, §7, §8).
 */
import {
  CreatePlaybackRestrictionPolicyCommand,
  DeletePlaybackKeyPairCommand,
  ImportPlaybackKeyPairCommand,
  StartViewerSessionRevocationCommand,
  UpdatePlaybackRestrictionPolicyCommand,
} from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryDatabase, type TemporaryDatabase } from '../harness/databases.ts'
import { publishWithFfmpeg } from '../harness/ffmpeg-publisher.ts'
import { goodClaims, TOKEN_CASES } from '../harness/playback-token-cases.ts'
import type { TokenCase, TokenVerdict, TokenWorld } from '../harness/playback-token-cases.ts'
import { tokenSigner, type TokenSigner } from '../harness/playback-tokens.ts'
import { startTestServer, type TestChannel, type TestServer } from '../harness/test-server.ts'

const PAGE = 'https://page.example.com'
const REVOKED_VIEWER = 'revoked'
const REVOKED_VERSION = 1_800_000_000

const signers = {
  owner: tokenSigner(),
  secondOwner: tokenSigner(),
  deleted: tokenSigner(),
  stranger: tokenSigner(),
  otherAccount: tokenSigner(),
}

const cleanUp = new AsyncDisposableStack()
let database: TemporaryDatabase
let server: TestServer
let channel: TestChannel
let otherChannelArn = ''

beforeAll(async () => {
  database = cleanUp.use(await temporaryDatabase())
  const { dataDir, databaseUrl } = database.options
  const flags = {
    failedTokensPerMinute: '1000000',
    trustedProxies: '127.0.0.1',
    ...(databaseUrl !== undefined && { databaseUrl }),
  }
  server = cleanUp.use(await startTestServer({ dataDir, flags }))
  channel = await server.createChannel({ authorized: true })
  otherChannelArn = (await server.createChannel({ authorized: true })).arn
  await importKey(signers.deleted).then((arn) =>
    server.client.send(new DeletePlaybackKeyPairCommand({ arn })),
  )
  await importKey(signers.owner)
  await importKey(signers.secondOwner)
  await server.client.send(
    new StartViewerSessionRevocationCommand({
      channelArn: channel.arn,
      viewerId: REVOKED_VIEWER,
      viewerSessionVersionsLessThanOrEqualTo: REVOKED_VERSION,
    }),
  )
  cleanUp.use(await publishWithFfmpeg({ url: channel.rtmpUrl, keyframeSeconds: 1 }))
  await server.untilLive(channel)
})
afterAll(() => cleanUp.disposeAsync())

async function importKey({ publicKeyPem }: TokenSigner): Promise<string> {
  const command = new ImportPlaybackKeyPairCommand({ publicKeyMaterial: publicKeyPem })
  return (await server.client.send(command)).keyPair?.arn ?? ''
}

function world(): TokenWorld {
  return {
    channelArn: channel.arn,
    otherChannelArn,
    ...signers,
    revokedViewer: REVOKED_VIEWER,
    revokedVersion: REVOKED_VERSION,
    nowS: Math.floor(Date.now() / 1000),
  }
}

/** How a player may ask for one and the same. */
const MANNERS = [
  { method: 'GET', headers: {} },
  { method: 'HEAD', headers: {} },
  { method: 'GET', headers: { Range: 'bytes=0-99' } },
] as const
type Manner = (typeof MANNERS)[number]

function send(url: string, manner: Manner, origin: string | undefined): Promise<Response> {
  const headers = { ...manner.headers, ...(origin !== undefined && { Origin: origin }) }
  return fetch(url, { method: manner.method, headers })
}

function withToken(url: string, token: string | undefined): string {
  return token === undefined ? url : `${url}?token=${encodeURIComponent(token)}`
}

async function expectRefused(answer: Response, manner: Manner, code: string, says: RegExp): Promise<void> {
  expect(answer.status).toBe(403)
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(answer.headers.get('content-type')).toBe('application/json')
  const body = await answer.text()
  if (manner.method === 'HEAD') {
    expect(body).toBe('')
    return
  }
  const path = new URL(answer.url).pathname
  expect(JSON.parse(body)).toEqual([
    {
      url: expect.stringMatching(
        new RegExp(`^${path.replace(/[.]/g, '\\.')}(\\?token=\\*\\*\\*)?$`),
      ) as unknown,
      error: expect.stringMatching(says) as unknown,
      error_code: code,
      type: 'error',
    },
  ])
}

/** Spends what a case wants spent, then asks in each manner, each time with a token of its own. */
async function multivariantAnswers({
  token,
  origin,
  usedBefore = 0,
}: TokenCase): Promise<[Manner, Response][]> {
  const answers: [Manner, Response][] = []
  for (const manner of MANNERS) {
    const url = withToken(channel.playbackUrl, token(world()))
    for (let uses = 0; uses < usedBefore; uses++) await send(url, MANNERS[0], origin)
    answers.push([manner, await send(url, manner, origin)])
  }
  return answers
}

type MediaUrls = { readonly playlist: string; readonly segment: string; readonly part: string }

async function mediaUrls(multivariant: string, origin: string | undefined): Promise<MediaUrls> {
  const playlist = resolve(/^[^#].*$/m.exec(multivariant)?.[0], channel.playbackUrl)
  const text = await (await send(playlist, MANNERS[0], origin)).text()
  return {
    playlist,
    segment: resolve(/^[^#].*$/m.exec(text)?.[0], playlist),
    part: resolve(/#EXT-X-PART:.*URI="([^"]+)"/.exec(text)?.[1], playlist),
  }
}

function resolve(uri: string | undefined, base: string): string {
  if (uri === undefined) throw new Error('the playlist names no media')
  return new URL(uri, base).href
}

/** The same media without a viewing session. */
function shared(urls: MediaUrls): string[] {
  return Object.values(urls).map((url) => url.replace(/\/v1\/s\/[^/]+\//, '/v1/'))
}

const byVerdict = <Kind extends TokenVerdict['kind']>(kind: Kind) =>
  TOKEN_CASES.filter((one): one is TokenCase & { verdict: { kind: Kind } } => one.verdict.kind === kind)

describe('a token that is good', () => {
  test.each(byVerdict('granted'))('$name: opens every kind of request', async (tokenCase) => {
    const { origin } = tokenCase
    for (const [{ method }, answer] of await multivariantAnswers(tokenCase)) {
      const text = await answer.text()
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store'])
      if (method === 'HEAD') expect(text).toBe('')
      else expect(text).toMatch(/^#EXTM3U\n/)
    }
    const url = withToken(channel.playbackUrl, tokenCase.token(world()))
    const urls = await mediaUrls(await (await send(url, MANNERS[0], origin)).text(), origin)
    for (const [kind, mediaUrl] of Object.entries(urls)) {
      expect(mediaUrl).toMatch(/\/v1\/s\//)
      const answers = await Promise.all(MANNERS.map((manner) => send(mediaUrl, manner, origin)))
      const ranged = kind === 'playlist' ? 200 : 206
      expect(answers.map(({ status }) => status)).toEqual([200, 200, ranged])
      const sizes = await Promise.all(answers.map(async (answer) => (await answer.arrayBuffer()).byteLength))
      expect(sizes[0]).toBeGreaterThan(100)
      expect(sizes[1]).toBe(0)
      if (kind !== 'playlist') expect(sizes[2]).toBe(100)
    }
  })
})

describe('a token that is not good', () => {
  let urls: MediaUrls
  beforeAll(async () => {
    const token = signers.owner.sign(goodClaims(world()))
    const answer = await fetch(withToken(channel.playbackUrl, token))
    urls = await mediaUrls(await answer.text(), undefined)
  })

  test.each(byVerdict('refused'))('$name: opens nothing', async (tokenCase) => {
    const { verdict, token, origin } = tokenCase
    for (const [manner, answer] of await multivariantAnswers(tokenCase)) {
      await expectRefused(answer, manner, verdict.code, verdict.says)
    }
    for (const mediaUrl of shared(urls)) {
      for (const manner of MANNERS) {
        const answer = await send(withToken(mediaUrl, token(world())), manner, origin)
        await expectRefused(answer, manner, 'invalid_playback_auth_token', /^the viewing session is missing/)
      }
    }
  })

  test('not even a good one opens media without a viewing session', async () => {
    const token = signers.owner.sign(goodClaims(world()))
    for (const mediaUrl of shared(urls)) expect((await fetch(withToken(mediaUrl, token))).status).toBe(403)
  })
})

test('a revocation stops running playback and new playback within a second, and a higher version plays', async () => {
  const claims = { ...goodClaims(world()), 'aws:viewer-id': 'leaves' }
  const url = withToken(channel.playbackUrl, signers.owner.sign(claims))
  const urls = await mediaUrls(await (await fetch(url)).text(), undefined)
  expect((await fetch(urls.playlist)).status).toBe(200)
  const revocation = {
    channelArn: channel.arn,
    viewerId: 'leaves',
    viewerSessionVersionsLessThanOrEqualTo: 3,
  }
  await server.client.send(new StartViewerSessionRevocationCommand(revocation))
  const statuses = await Promise.all(
    [url, ...Object.values(urls)].map((one) => fetch(one).then(({ status }) => status)),
  )
  expect(statuses).toEqual([403, 403, 403, 403])
  const newer = signers.owner.sign({ ...claims, 'aws:viewer-session-version': 4 })
  expect((await fetch(withToken(channel.playbackUrl, newer))).status).toBe(200)
})

test('a key that is deleted or imported while the channel is live counts at once', async () => {
  const signer = tokenSigner()
  const url = withToken(channel.playbackUrl, signer.sign(goodClaims(world())))
  const status = async (): Promise<number> => (await fetch(url)).status
  expect(await status()).toBe(403)
  const arn = await importKey(signer)
  expect(await status()).toBe(200)
  await server.client.send(new DeletePlaybackKeyPairCommand({ arn }))
  expect(await status()).toBe(403)
})

test('one of many requests at once gets in with a single-use token', async () => {
  const claims = { ...goodClaims(world()), 'aws:single-use-uuid': crypto.randomUUID() }
  const url = withToken(channel.playbackUrl, signers.owner.sign(claims))
  const statuses = await Promise.all(
    Array.from({ length: 20 }, () => fetch(url).then(({ status }) => status)),
  )
  expect(statuses.sort()).toEqual([200, ...Array.from({ length: 19 }, () => 403)])
})

describe('a public channel with a policy', () => {
  // Addresses of registries, which stay where they are.
  const [INSIDE, OUTSIDE] = ['193.0.6.139', '202.12.29.175']
  let restricted: TestChannel
  let policyArn = ''
  beforeAll(async () => {
    const { playbackRestrictionPolicy } = await server.client.send(
      new CreatePlaybackRestrictionPolicyCommand({
        allowedCountries: ['NL'],
        allowedOrigins: ['https://*.example.com'],
      }),
    )
    policyArn = playbackRestrictionPolicy?.arn ?? ''
    restricted = await server.createChannel({ playbackRestrictionPolicyArn: policyArn })
    cleanUp.use(await publishWithFfmpeg({ url: restricted.rtmpUrl, keyframeSeconds: 1 }))
    await server.untilLive(restricted)
  })

  const ask = async (headers: Record<string, string>): Promise<unknown> => {
    const answer = await fetch(restricted.playbackUrl, { headers })
    if (answer.status === 200) return 'plays'
    const [problem] = (await answer.json()) as [Record<string, unknown>]
    return [answer.status, problem['error_code']]
  }

  test.each([
    ['the right country and page', { 'X-Forwarded-For': INSIDE, Origin: PAGE }, 'plays'],
    ['the right country and no page', { 'X-Forwarded-For': INSIDE }, 'plays'],
    ['another country', { 'X-Forwarded-For': OUTSIDE, Origin: PAGE }, [403, 'content_geoblocked']],
    [
      'a country that is only claimed',
      { 'X-Forwarded-For': `${INSIDE}, ${OUTSIDE}`, Origin: PAGE },
      [403, 'content_geoblocked'],
    ],
    [
      'another page',
      { 'X-Forwarded-For': INSIDE, Origin: 'https://else.test' },
      [403, 'playback_auth_error'],
    ],
    ['a country that nobody knows', { 'X-Forwarded-For': '10.0.0.1', Origin: PAGE }, 'plays'],
  ])('%s', async (_who, headers, expected) => {
    expect(await ask(headers)).toEqual(expected)
  })

  test('changes with the next stream, not under those who watch', async () => {
    await server.client.send(
      new UpdatePlaybackRestrictionPolicyCommand({ arn: policyArn, allowedCountries: ['AU'] }),
    )
    expect(await ask({ 'X-Forwarded-For': INSIDE })).toBe('plays')
    expect(await ask({ 'X-Forwarded-For': OUTSIDE })).toEqual([403, 'content_geoblocked'])
  })
})
