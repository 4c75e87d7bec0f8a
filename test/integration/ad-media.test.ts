/**
 * The media of ads that players put in by themselves, over real sockets: who may read it, how long caches may keep it, and
 * what becomes of readers that do not read.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { creativeFolder, creativeFolderPath } from '../../src/ads/mediatailor/creative-address.ts'
import { CreativeRoutes } from '../../src/ads/mediatailor/creative-routes.ts'
import { PlayerRoutes } from '../../src/ads/mediatailor/player-routes.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SlowReaders } from '../../src/delivery/slow-readers.ts'
import { picture, SAMPLE_VIDEO } from '../harness/media/sample-tracks.ts'
import { RecordingLogger } from '../harness/recording-logger.ts'
import { SampleLibrary, sampleCreative } from '../harness/sample-creative.ts'

const ACCOUNT = 'c2311e92660de47b456e721b0dabc9f857ab48f0'
const MAX_BODY_MS = 30_000
/** Of each of 60 pictures: more than sockets take without a reader. */
const PICTURE_BYTES = 400_000

/** A server that has one creative of two seconds, at its folder's URL. */
async function startAdMedia(): Promise<
  AsyncDisposable & {
    readonly folder: string
    readonly port: number
    readonly path: string
    readonly clock: ManualClock
    readonly readers: SlowReaders
    readonly library: SampleLibrary
  }
> {
  const clock = new ManualClock(0)
  const logger = new RecordingLogger()
  const readers = new SlowReaders(clock, logger, { maxBodyMs: MAX_BODY_MS, maxBacklogBytes: 1 })
  const sample = sampleCreative('sample', 2, ['chunked'])
  const sound = sample.renditions.get('chunked')!.audio
  const pictures = Array.from({ length: 300 }, (_, index) =>
    picture({ dtsTicks: index * 3000, keyframe: index % 15 === 0 }, PICTURE_BYTES),
  )
  const video = { track: SAMPLE_VIDEO, units: pictures }
  const creative = { ...sample, renditions: new Map([['chunked', { video, audio: sound }]]) }
  const library = new SampleLibrary([creative])
  const routes = new PlayerRoutes({
    clock,
    logger,
    basePath: '',
    maxSessions: 1,
    configurations: { findByAddress: () => Promise.resolve(undefined) },
    channelOf: () => undefined,
    openViewing: () => undefined,
    avails: () => [],
    lastSeenMs: () => undefined,
    interstitials: { list: () => Promise.resolve(undefined), fetched: () => Promise.resolve(undefined) },
    creatives: new CreativeRoutes({ library, maxSegmentBytes: 1e9 }),
    watchReader: (response) => readers.watch(response),
    log: () => undefined,
    onSample: () => undefined,
  })
  const server = createServer((request, response) => {
    if (!routes.handle(request, response)) response.writeHead(501).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const path = creativeFolderPath('', ACCOUNT, creativeFolder(creative))
  return {
    folder: `http://127.0.0.1:${port}${path}`,
    port,
    path,
    clock,
    readers,
    library,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

test('everybody may have the media of an ad, and caches keep it for a day (ssai §3.1)', async () => {
  await using media = await startAdMedia()
  for (const [file, type] of [
    ['asset.m3u8', 'application/vnd.apple.mpegurl'],
    ['reported_chunked.m3u8', 'application/vnd.apple.mpegurl'],
    ['asset_chunked_00001.ts', 'video/mp2t'],
  ] as const) {
    const response = await fetch(media.folder + file)
    const headers = ['content-type', 'cache-control', 'access-control-allow-origin']
    expect([response.status, ...headers.map((name) => response.headers.get(name))]).toEqual([
      ...[200, type],
      ...['public, max-age=86400, immutable', '*'],
    ])
    const length = Number(response.headers.get('content-length'))
    expect((await response.arrayBuffer()).byteLength).toBe(length)
    const head = await fetch(media.folder + file, { method: 'HEAD' })
    expect([head.status, Number(head.headers.get('content-length'))]).toEqual([200, length])
  }
  expect(media.library.held).toBe(0)
})

test.each([
  ['GET', 'asset_720p30.m3u8', 404],
  ['GET', 'asset_chunked_00002.ts', 404],
  ['GET', '../other-180000/asset.m3u8', 404],
  ['GET', '../sample-180001/asset.m3u8', 404],
  ['POST', 'asset.m3u8', 405],
  ['GET', 'creative.json', 501],
])('%s %s is answered with %i', async (method, file, status) => {
  await using media = await startAdMedia()
  const response = await fetch(new URL(file, media.folder), { method })
  expect(response.status).toBe(status)
  expect(response.headers.get('cache-control')).toBe(status === 501 ? null : 'no-store')
})

test('who does not read what he asked for is dropped', async () => {
  await using media = await startAdMedia()
  const socket = connect(media.port, '127.0.0.1')
  socket.write(`GET ${media.path}asset_chunked_00001.ts HTTP/1.1\r\nHost: x\r\n\r\n`)
  await once(socket, 'data')
  socket.pause()
  media.clock.advance(MAX_BODY_MS)
  expect(media.readers.dropped).toBe(0)
  media.clock.advance(2000)
  expect(media.readers.dropped).toBe(1)
  const closed = once(socket, 'close')
  socket.resume()
  await closed
})
