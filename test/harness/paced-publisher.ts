/**
 * Publishes given FLV tags in real time, each at its own moment: for encoders that no program plays well.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { FlvTag } from './media/flv-file.ts'
import { RtmpClient } from './rtmp-client.ts'

const VIDEO_TAG = 9
const DATA_TAG = 18

/** A publisher under way; `await using` cuts it. */
export type PacedPublisher = AsyncDisposable & {
  /** Resolves when the last tag is sent. */
  readonly sent: Promise<void>
}

/** Starts to publish `tags`, in order and without end if they have none, to an RTMP URL that ends in the stream key. */
export async function publishPaced(rtmpUrl: string, tags: Iterable<FlvTag>): Promise<PacedPublisher> {
  const url = new URL(rtmpUrl.replace(/^rtmp:/, 'http:'))
  const client = await RtmpClient.publish({ port: Number(url.port) }, url.pathname.split('/').at(-1) ?? '')
  const stop = new AbortController()
  const sent = sendPaced(client, tags, stop.signal)
  // Cutting it short is not a failure.
  sent.catch(() => undefined)
  return {
    sent,
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await client[Symbol.asyncDispose]()
    },
  }
}

async function sendPaced(client: RtmpClient, tags: Iterable<FlvTag>, signal: AbortSignal): Promise<void> {
  const startMs = performance.now()
  for (const tag of tags) {
    const aheadMs = tag.timeMs - (performance.now() - startMs)
    if (aheadMs > 1) await sleep(aheadMs, undefined, { signal })
    if (tag.type === DATA_TAG) client.sendData(tag.timeMs, tag.body)
    else client.sendMedia(tag.type === VIDEO_TAG ? 'video' : 'audio', tag.timeMs, tag.body)
  }
}
