import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../base/manual-clock.ts'
import { listen } from '../listening.ts'
import { createDemoAdServer } from './ad-server.ts'
import type { BeaconReport } from './beacon-log.ts'
import { DEMO_CREATIVES } from './creative-plan.ts'

let directory: string
let server: Server
let baseUrl: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'headwater-demo-ads-'))
  server = createDemoAdServer({ directory, clock: new ManualClock() })
  baseUrl = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`
})
afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await rm(directory, { recursive: true })
})

async function putCreatives(): Promise<void> {
  for (const { fileName } of DEMO_CREATIVES)
    await writeFile(join(directory, fileName), `media of ${fileName}`)
}

async function get(path: string): Promise<{ status: number; body: string; headers: Headers }> {
  const response = await fetch(`${baseUrl}${path}`)
  return { status: response.status, body: await response.text(), headers: response.headers }
}

async function report(): Promise<BeaconReport> {
  return JSON.parse((await get('/beacons.json')).body) as BeaconReport
}

/** URLs in the document, in its order. */
function urlsIn(vast: string, element: string): string[] {
  return [...vast.matchAll(new RegExp(`<${element}(?:\\s[^>]*)?>([^<]*)`, 'g'))].map(([, url = '']) =>
    url.replaceAll('&amp;', '&'),
  )
}

describe('GET /vast', () => {
  test('gives a pod whose ads together last as long as the break', async () => {
    await putCreatives()
    const { body, headers } = await get('/vast?dur=30&vid=ann&sid=s1')
    expect(headers.get('content-type')).toBe('application/xml; charset=utf-8')
    expect(headers.get('access-control-allow-origin')).toBe('*')
    await expect(body.replaceAll(baseUrl, 'http://ads').replace(/pod=\w{12}/g, 'pod=P')).toMatchFileSnapshot(
      'golden/pod-of-30s.xml',
    )
  })

  test('gives a document without ads while the creatives are being made', async () => {
    expect((await get('/vast?dur=30')).body).not.toContain('<Ad ')
  })

  test.each(['', '?dur=', '?dur=0', '?dur=many', '?dur=1e9'])('refuses "%s"', async (query) => {
    expect((await get(`/vast${query}`)).status).toBe(400)
  })

  test('names creatives that can be fetched from it', async () => {
    await putCreatives()
    const { body } = await get('/vast?dur=20')
    const [mediaUrl = ''] = urlsIn(body, 'MediaFile')
    const media = await fetch(mediaUrl)
    expect([media.headers.get('content-type'), await media.text()]).toEqual([
      'video/mp4',
      'media of ad-20s.mp4',
    ])
  })
})

describe('beacons', () => {
  test('appear in the report under the ad and the viewer they are of', async () => {
    await putCreatives()
    const { body } = await get('/vast?dur=30&vid=ann&sid=s1')
    const [first = '', second = ''] = urlsIn(body, 'Impression')
    const [start = ''] = urlsIn(body, 'Tracking')
    expect((await fetch(first, { method: 'POST' })).status).toBe(204)
    for (const url of [second, start, start]) await fetch(url)
    const { pods, beacons, strays } = await report()
    expect([beacons, strays]).toEqual([4, 0])
    expect(pods).toMatchObject([
      {
        viewer: 'ann',
        session: 's1',
        wantedSeconds: 30,
        ads: [
          { seconds: 20, events: { impression: { times: 1 }, start: { times: 2 } } },
          { seconds: 10, events: { impression: { times: 1 } } },
        ],
      },
    ])
  })

  test('of unknown pods, ads and events count as strays', async () => {
    await putCreatives()
    await get('/vast?dur=10')
    const id = (await report()).pods[0]?.id ?? ''
    for (const query of [
      '',
      `pod=${id}&pos=2&event=start`,
      `pod=${id}&pos=1&event=__proto__`,
      'pod=x&pos=1',
    ]) {
      expect((await get(`/beacon?${query}`)).status).toBe(204)
    }
    expect(await report()).toMatchObject({ beacons: 4, strays: 4, pods: [{ ads: [{ events: {} }] }] })
  })

  test('are remembered for the last 100 pods, with names cut short', async () => {
    for (let i = 1; i <= 101; i++) await get(`/vast?dur=10&vid=${'v'.repeat(500)}${i}`)
    const { pods } = await report()
    expect(pods).toHaveLength(100)
    expect(pods[0]?.viewer).toBe('v'.repeat(100))
  })
})

test('the page holds nothing that came from outside and may load nothing from elsewhere', async () => {
  await get('/vast?dur=10&vid=%3Cscript%3E')
  const { body, headers } = await get('/')
  expect(body).not.toContain('<script>"')
  expect(body).toContain('Demo ad server')
  expect(headers.get('content-security-policy')).toContain("default-src 'none'")
  expect((await get('/beacons.json')).headers.get('content-type')).toBe('application/json')
})

test.each([
  '/nothing',
  '/creatives/',
  '/creatives/../port',
  '/creatives/%2e%2e/port',
  '/creatives/ad-10s.mp4',
])('answers 404 with words for %s', async (path) => {
  const { status, body } = await get(path)
  expect([status, body.length > 10]).toEqual([path === '//vast' ? 400 : 404, true])
})

test('lets pages of other origins ask first, and refuses other methods', async () => {
  const asked = await fetch(`${baseUrl}/beacon`, { method: 'OPTIONS' })
  expect([asked.status, asked.headers.get('access-control-allow-methods')]).toEqual([204, 'GET, HEAD, POST'])
  expect((await fetch(`${baseUrl}/vast`, { method: 'DELETE' })).status).toBe(405)
})
