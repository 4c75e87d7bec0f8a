/**
 * Timed metadata and captions through the whole server, looked at from outside: what is put, by the API or by the
 * publisher, is on every rendition once and at one media time, in both containers, on channels with and without a ladder.
 */
import { PutMetadataCommand } from '@aws-sdk/client-ivs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ContainerFormat } from '../../src/domain/channel.ts'
import type { Amf0Value } from '../../src/media/amf0/amf0-value.ts'
import { amf0Object, encodeAmf0 } from '../../src/media/amf0/amf0-writer.ts'
import { METADATA_OWNER } from '../../src/media/timed-metadata.ts'
import { captionTags } from '../harness/caption-tags.ts'
import { clipTags } from '../harness/clip-tags.ts'
import { readRungs, readSegments, type ServedRung } from '../harness/ladder-reader.ts'
import type { FlvTag } from '../harness/media/flv-file.ts'
import { captionsShown } from '../harness/media/media-programs.ts'
import { readMetadata, type ReadMetadata } from '../harness/media/metadata-reader.ts'
import { publishPaced } from '../harness/paced-publisher.ts'
import { startTestServer, type TestChannel, type TestServer } from '../harness/test-server.ts'

const CASES = [
  { type: 'BASIC', containerFormat: 'TS', rungs: ['chunked'] },
  { type: 'BASIC', containerFormat: 'FRAGMENTED_MP4', rungs: ['chunked'] },
  { type: 'STANDARD', containerFormat: 'TS', rungs: ['360p30', '160p30'] },
  { type: 'STANDARD', containerFormat: 'FRAGMENTED_MP4', rungs: ['360p30', '160p30'] },
] as const

const DATA_TAG = 18
const STREAM_SECONDS = 12
const PUT_INTERVAL_MS = 200
const END_LIMIT_MS = 8000
const AUDIO_ONLY = 'audio_only'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server[Symbol.asyncDispose]())

test.concurrent.for(CASES)(
  '$type in $containerFormat has every piece on every rendition once, in order, at one media time, and captions on every picture',
  async ({ type, containerFormat, rungs }) => {
    const channel = await server.createChannel({ type, containerFormat })
    const publisher = await publishPaced(channel.rtmpUrl, await tagsWithData())
    await server.untilLive(channel)
    const served = await readRungs(`${channel.playbackUrl}?allow_audio_only=true`)
    const put = await putUntil(publisher.sent, channel)
    await publisher[Symbol.asyncDispose]()
    const media = await mediaOf(served)
    expect([...media.keys()]).toEqual([...rungs, AUDIO_ONLY])

    const [reference = []] = [...media.values()].map((bodies) => pieces(bodies, containerFormat))
    const own = reference.filter(({ frame }) => frame === 'PRIV')
    expect(own.filter(({ owner }) => owner === METADATA_OWNER.api).map(({ text }) => text)).toEqual(put)
    expect(own.filter(({ owner }) => owner === METADATA_OWNER.inBand).map(({ text }) => text)).toEqual([
      'from the encoder',
      '{"goal":1}',
    ])
    for (const [name, bodies] of media) {
      const found = pieces(bodies, containerFormat)
      // One that is packaged on request begins later.
      const from = found[0]?.ticks ?? 0
      expect(found, name).toEqual(reference.filter(({ ticks }) => ticks >= from))
      expect(found.length, name).toBeGreaterThan(20)
      if (name !== AUDIO_ONLY) expect(await captionsShown(Buffer.concat(bodies)), name).toContain('HELLO')
    }
  },
)

/** A clip whose encoder also sends two texts, and captions beside the pictures. */
async function tagsWithData(): Promise<FlvTag[]> {
  const data = (timeMs: number, ...values: readonly Amf0Value[]): FlvTag => {
    return { type: DATA_TAG, timeMs, body: encodeAmf0(...values) }
  }
  return [
    ...(await clipTags('640x360', STREAM_SECONDS)),
    data(4000, 'onTextData', amf0Object({ text: 'from the encoder' })),
    data(6000, 'onAnything', '{"goal":1}'),
    data(6000, '@setDataFrame', 'onMetaData', amf0Object({ encoder: 'test' })),
    ...captionTags(5000, 'HELLO'),
  ].sort((a, b) => a.timeMs - b.timeMs)
}

/** Puts texts five times a second while the publisher sends; the texts that were taken. */
async function putUntil(sent: Promise<void>, channel: TestChannel): Promise<string[]> {
  const sending = new AbortController()
  void sent.finally(() => sending.abort())
  const put: string[] = []
  while (!sending.signal.aborted) {
    const metadata = `put ${put.length} ⚽`
    await server.client.send(new PutMetadataCommand({ channelArn: channel.arn, metadata }))
    put.push(metadata)
    await Promise.race([sleep(PUT_INTERVAL_MS), sent])
  }
  return put
}

/** Whole segments by rendition, without those that the end of the stream cut short. */
async function mediaOf(served: readonly ServedRung[]): Promise<Map<string, Buffer[]>> {
  const media = new Map<string, Buffer[]>()
  for (const rung of served) {
    await untilEnded(rung)
    media.set(
      rung.name,
      (await readSegments(rung)).map(({ body }) => body),
    )
  }
  return media
}

async function untilEnded({ name, url }: ServedRung): Promise<void> {
  const deadlineMs = performance.now() + END_LIMIT_MS
  while (!(await (await fetch(url)).text()).includes('#EXT-X-ENDLIST')) {
    if (performance.now() > deadlineMs) throw new Error(`${name} did not end`)
    await sleep(100)
  }
}

function pieces(bodies: readonly Buffer[], container: ContainerFormat): ReadMetadata[] {
  return bodies.flatMap((body) => readMetadata(body, container))
}
