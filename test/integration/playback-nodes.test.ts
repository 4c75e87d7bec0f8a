/**
 * Protected playback on several servers of one database, and over a restart: what one server takes away, none gives.
 */
import {
  DeletePlaybackKeyPairCommand,
  ImportPlaybackKeyPairCommand,
  StartViewerSessionRevocationCommand,
} from '@aws-sdk/client-ivs'
import { expect, test } from 'vitest'
import { temporaryDatabase, type TemporaryDatabase } from '../harness/databases.ts'
import { publishWithFfmpeg } from '../harness/ffmpeg-publisher.ts'
import { goodClaims } from '../harness/playback-token-cases.ts'
import { tokenSigner, type TokenObject, type TokenSigner } from '../harness/playback-tokens.ts'
import { startTestServer, type TestChannel, type TestServer } from '../harness/test-server.ts'

const SECOND_MS = 1000
const VIEWER = { 'aws:viewer-id': 'ann' }

async function startNode(
  database: TemporaryDatabase,
  dataDir = database.options.dataDir,
): Promise<TestServer> {
  const { databaseUrl } = database.options
  return startTestServer({ dataDir, ...(databaseUrl !== undefined && { flags: { databaseUrl } }) })
}

async function importKey(server: TestServer, { publicKeyPem }: TokenSigner): Promise<string> {
  const command = new ImportPlaybackKeyPairCommand({ publicKeyMaterial: publicKeyPem })
  return (await server.client.send(command)).keyPair?.arn ?? ''
}

function tokenUrl(channel: TestChannel, signer: TokenSigner, claims: TokenObject = {}): string {
  const good = goodClaims({ channelArn: channel.arn, nowS: Math.floor(Date.now() / 1000) })
  return `${channel.playbackUrl}?token=${signer.sign({ ...good, ...claims })}`
}

const statusOf = async (url: string): Promise<number> => (await fetch(url)).status

async function openSession(channel: TestChannel, signer: TokenSigner, claims: TokenObject): Promise<string> {
  const text = await (await fetch(tokenUrl(channel, signer, claims))).text()
  const uri = text.split('\n').find((line) => line !== '' && !line.startsWith('#')) ?? ''
  return new URL(uri, channel.playbackUrl).href
}

test('what another server revokes or deletes stops playback here within a second', async () => {
  await using database = await temporaryDatabase('PostgreSQL')
  await using otherDirectory = await temporaryDatabase('SQLite')
  await using here = await startNode(database)
  await using elsewhere = await startNode(database, otherDirectory.options.dataDir)
  const channel = await here.createChannel({ authorized: true })
  const signer = tokenSigner()
  const keyArn = await importKey(elsewhere, signer)
  await using _publisher = await publishWithFfmpeg({ url: channel.rtmpUrl, keyframeSeconds: 1 })
  await here.untilLive(channel)
  await expect.poll(() => statusOf(tokenUrl(channel, signer)), { timeout: 2 * SECOND_MS }).toBe(200)

  const playlistUrl = await openSession(channel, signer, VIEWER)
  expect(await statusOf(playlistUrl)).toBe(200)
  const revocation = { channelArn: channel.arn, viewerId: 'ann' }
  await elsewhere.client.send(new StartViewerSessionRevocationCommand(revocation))
  const within = { timeout: SECOND_MS, interval: 20 }
  await expect.poll(() => statusOf(playlistUrl), within).toBe(403)
  expect(await statusOf(tokenUrl(channel, signer, VIEWER))).toBe(403)

  await elsewhere.client.send(new DeletePlaybackKeyPairCommand({ arn: keyArn }))
  await expect
    .poll(() => statusOf(tokenUrl(channel, signer)), { ...within, timeout: 2 * SECOND_MS })
    .toBe(403)
})

test('revocations, spent tokens and keys survive a restart', async () => {
  await using database = await temporaryDatabase('SQLite')
  const signer = tokenSigner()
  const single = { 'aws:single-use-uuid': crypto.randomUUID() }
  let channel: TestChannel
  {
    await using server = await startNode(database)
    channel = await server.createChannel({ authorized: true })
    await importKey(server, signer)
    await using _publisher = await publishWithFfmpeg({ url: channel.rtmpUrl, keyframeSeconds: 1 })
    await server.untilLive(channel)
    expect(await statusOf(tokenUrl(channel, signer, single))).toBe(200)
    const revocation = { channelArn: channel.arn, viewerId: 'ann' }
    await server.client.send(new StartViewerSessionRevocationCommand(revocation))
  }
  await using server = await startNode(database)
  const again = {
    ...channel,
    playbackUrl: new URL(new URL(channel.playbackUrl).pathname, server.url('api')).href,
    rtmpUrl: `${server.url('rtmp')}/${channel.streamKey}`,
  }
  await using _publisher = await publishWithFfmpeg({ url: again.rtmpUrl, keyframeSeconds: 1 })
  await server.untilLive(again)
  expect(await statusOf(tokenUrl(again, signer, single))).toBe(403)
  expect(await statusOf(tokenUrl(again, signer, VIEWER))).toBe(403)
  expect(await statusOf(tokenUrl(again, signer, { ...VIEWER, 'aws:viewer-session-version': 1 }))).toBe(200)
})
