/**
 * `headwater serve` as a process with streams and resources in it: how it stops and what outlives it.
 */
import { request as httpsRequest } from 'node:https'
import { CreateChannelCommand, GetChannelCommand, ListChannelsCommand } from '@aws-sdk/client-ivs'
import { describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../../src/store/store-fixture.ts'
import { publishWithFfmpeg } from '../harness/ffmpeg-publisher.ts'
import { startHeadwater } from '../harness/headwater-process.ts'
import { testClient } from '../harness/test-server.ts'

test.concurrent('answers HTTP, HTTPS and RTMPS on the addresses that it prints', async () => {
  await using directory = await temporaryDirectory()
  await using server = await startHeadwater(['--data-dir', directory.path])
  const { console, https, rtmps } = server.addresses
  expect((await fetch(new URL('/healthz', console))).status).toBe(200)
  expect(await insecureHttpsStatus(`${https ?? ''}/healthz`)).toBe(200)
  expect(rtmps).toBe(`${(https ?? '').replace('https', 'rtmps')}/app`)
})

describe.concurrent('stopping', () => {
  test('SIGTERM ends streams cleanly and exits 0 within ten seconds', async ({ expect }) => {
    await using directory = await temporaryDirectory()
    await using server = await startHeadwater(['--data-dir', directory.path])
    const client = testClient(server.addresses['api'] ?? '')
    const { channel, streamKey } = await client.send(new CreateChannelCommand({ type: 'BASIC' }))
    await using publisher = await publishWithFfmpeg({
      url: `${server.addresses['rtmp'] ?? ''}/${streamKey?.value ?? ''}`,
    })
    const playbackUrl = channel?.playbackUrl ?? ''
    await expect.poll(async () => (await fetch(playbackUrl)).status, { timeout: 15_000 }).toBe(200)
    const master = await (await fetch(playbackUrl)).text()
    const playlistUrl = new URL(master.trim().split('\n').at(-1) ?? '', playbackUrl).href
    const playlist = await (await fetch(playlistUrl)).text()
    const nextMsn =
      Number(/MEDIA-SEQUENCE:([0-9]+)/.exec(playlist)?.[1]) + (playlist.match(/EXTINF/g)?.length ?? 0)
    // A viewer who waits for media hears that it ended.
    const held = fetch(`${playlistUrl}&_HLS_msn=${nextMsn + 1}`).then((response) => response.text())
    // Requests that follow it are answered, so it has arrived.
    for (let i = 0; i < 3; i++) await (await fetch(new URL('/healthz', playbackUrl))).text()
    const startedMs = performance.now()
    server.kill('SIGTERM')
    const result = await server.exited
    expect(result.exitCode).toBe(0)
    expect(performance.now() - startedMs).toBeLessThan(10_000)
    expect(await held).toContain('#EXT-X-ENDLIST')
    expect(result.stdout).toMatch(/"reason":"shutdown"/)
    expect(await publisher.exited).not.toBe(0)
    expect(result.stdout + result.stderr).not.toContain(streamKey?.value)
    client.destroy()
  })

  test('what was answered before kill -9 is there afterwards, without a hand', async () => {
    await using directory = await temporaryDirectory()
    let arn = ''
    {
      await using server = await startHeadwater(['--data-dir', directory.path])
      const client = testClient(server.addresses['api'] ?? '')
      arn = (await client.send(new CreateChannelCommand({ name: 'kept' }))).channel?.arn ?? ''
      server.kill('SIGKILL')
      await server.exited
      client.destroy()
    }
    await using server = await startHeadwater(['--data-dir', directory.path])
    const client = testClient(server.addresses['api'] ?? '')
    expect((await client.send(new GetChannelCommand({ arn }))).channel?.name).toBe('kept')
    client.destroy()
  })
})

test.concurrent(
  'the demo is one channel with ads, live by itself, however often the server starts, and with a ladder if wanted',
  async ({ expect }) => {
    await using directory = await temporaryDirectory()
    const adConfigurations = new Set<string | undefined>()
    const runs = [
      { flags: [], renditions: ['chunked'] },
      {
        flags: ['--demo-type', 'STANDARD', '--x264-preset', 'ultrafast'],
        renditions: ['720p30', '480p30', '360p30', '160p30'],
      },
    ]
    for (const { flags, renditions } of runs) {
      await using server = await startHeadwater(['--data-dir', directory.path, '--demo', ...flags])
      const client = testClient(server.addresses['api'] ?? '')
      const { channels } = await client.send(new ListChannelsCommand({}))
      expect(channels?.map((channel) => channel.name)).toEqual(['demo'])
      const { channel } = await client.send(new GetChannelCommand({ arn: channels?.[0]?.arn }))
      await expect
        .poll(() => renditionsOf(channel?.playbackUrl ?? ''), { timeout: 20_000 })
        .toEqual(renditions)
      adConfigurations.add(channel?.adConfigurationArn)
      expect((await fetch(server.addresses['ad server'] ?? '')).status).toBe(200)
      client.destroy()
      server.kill('SIGTERM')
      expect((await server.exited).exitCode).toBe(0)
      await expect(fetch(server.addresses['ad server'] ?? '')).rejects.toThrow()
    }
    expect([...adConfigurations]).toEqual([expect.stringContaining(':ad-configuration/')])
  },
)

/** None while the channel is offline. */
async function renditionsOf(playbackUrl: string): Promise<string[]> {
  const answer = await fetch(playbackUrl)
  const text = answer.ok ? await answer.text() : ''
  return [...text.matchAll(/,VIDEO="([^"]+)"/g)].map(([, name = '']) => name)
}

function insecureHttpsStatus(url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    // The certificate is self-signed.
    httpsRequest(url, { rejectUnauthorized: false, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
      .once('error', reject)
      .end()
  })
}
