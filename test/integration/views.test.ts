/**
 * Views over real sockets: who counts, for how long, and what happens at the limit (reference ivs-behaviour §6.7, §1.3).
 */
import { describe, expect, test } from 'vitest'
import type { ViewQuotaBreach } from '../../src/delivery/view-quota.ts'
import { startPackagedStream, type PackagedStream } from '../harness/packaged-stream.ts'
import { GrantingAccess } from '../harness/viewer-access.ts'

async function get(url: string, headers: Record<string, string> = {}): Promise<number> {
  const response = await fetch(url, { headers })
  await response.arrayBuffer()
  return response.status
}

/** The media playlist's URL of a new session. */
async function openSession(stream: PackagedStream): Promise<string> {
  const response = await fetch(stream.playbackUrl)
  const playlist = await response.text()
  expect(response.status).toBe(200)
  return new URL(playlist.split('\n').find((line) => line.includes('/v1/')) ?? '', stream.playbackUrl).href
}

function count(stream: PackagedStream): number {
  return stream.routes.viewerCount(stream.streamId)
}

describe('a view of a public channel', () => {
  test('is a session: two tabs of one browser are two, and reloads of a playlist are none', async () => {
    await using stream = await startPackagedStream()
    stream.publish(100)
    const [one, two] = [await openSession(stream), await openSession(stream)]
    expect(count(stream)).toBe(0)
    for (const url of [one, two, one, `${two}&_HLS_msn=0`]) await get(url)
    expect(count(stream)).toBe(2)
  })

  test('leaves within a minute, and goes on while it reloads', async () => {
    await using stream = await startPackagedStream()
    stream.publish(100)
    const [stays, leaves] = [await openSession(stream), await openSession(stream)]
    await get(leaves)
    for (let minute = 0; minute < 6; minute++) {
      await get(stays)
      stream.clock.advance(10_000)
    }
    expect(count(stream)).toBe(1)
    stream.clock.advance(60_000)
    expect(count(stream)).toBe(0)
  })

  test('is counted in the country of its address, with a session of its own or without', async () => {
    const countryOf = (address: string): string | undefined =>
      address.includes('127.0.0.1') ? 'NZ' : undefined
    await using stream = await startPackagedStream({ countryOf })
    stream.publish(100)
    await get(await openSession(stream))
    await get(stream.playlistUrl())
    expect([...stream.routes.viewersByCountry(stream.streamId)]).toEqual([['NZ', 2]])
  })

  test('without a session is told apart by address and player, as is one with a forged session', async () => {
    await using stream = await startPackagedStream()
    stream.publish(100)
    await get(stream.playlistUrl(), { 'User-Agent': 'one' })
    await get(stream.playlistUrl('?vs=forged'), { 'User-Agent': 'one' })
    await get(stream.playlistUrl('?vs=forged-too'), { 'User-Agent': 'one' })
    await get(stream.playlistUrl(), { 'User-Agent': 'two' })
    expect(count(stream)).toBe(2)
  })

  test('does not count for what is refused', async () => {
    await using stream = await startPackagedStream({ channel: { authorized: true } })
    stream.publish(100)
    expect(await get(stream.playlistUrl())).toBe(403)
    expect(count(stream)).toBe(0)
  })
})

test('a view of a private channel counts with whatever it fetches', async () => {
  await using stream = await startPackagedStream({
    channel: { authorized: true },
    access: new GrantingAccess(),
  })
  stream.publish(100)
  const url = await openSession(stream)
  expect(await get(url.replace(/playlist\/(.*)\.m3u8/, 'segment/$1/0.ts'))).toBe(200)
  expect(count(stream)).toBe(1)
  await get(url)
  expect(count(stream)).toBe(1)
})

describe('at the quota of an account', () => {
  test('a new view gets 429 at the multivariant playlist, those who watch go on, and the breach is told', async () => {
    const breaches: ViewQuotaBreach[] = []
    const onViewQuotaBreach = (breach: ViewQuotaBreach): void => void breaches.push(breach)
    await using stream = await startPackagedStream({ maxViewersPerAccount: 1, onViewQuotaBreach })
    stream.publish(100)
    const watching = await openSession(stream)
    await get(watching)
    const response = await fetch(stream.playbackUrl)
    expect(response.status).toBe(429)
    expect(await response.json()).toEqual([expect.objectContaining({ error_code: 'too_many_viewers' })])
    expect(breaches).toEqual([expect.objectContaining({ limit: 1, exceededBy: 1 })])
    expect(await get(watching)).toBe(200)
    stream.clock.advance(60_000)
    await openSession(stream)
  })

  test('no token is spent on a view that cannot begin', async () => {
    const access = new GrantingAccess()
    await using stream = await startPackagedStream({ maxViewersPerAccount: 0, access })
    stream.publish(100)
    expect(await get(`${stream.playbackUrl}?token=once`)).toBe(429)
    expect(access.requests).toEqual([])
  })
})

test('beyond what the server takes in all, a new view gets 429 as well', async () => {
  await using stream = await startPackagedStream({ maxViewers: 1 })
  stream.publish(100)
  await get(await openSession(stream))
  expect(await get(stream.playbackUrl)).toBe(429)
})
