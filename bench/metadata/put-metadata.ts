/**
 * Puts texts into a stream at an even pace, and learns from its segments where in the media they are.
 */
import { IvsClient, PutMetadataCommand } from '@aws-sdk/client-ivs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ContainerFormat } from '../../src/domain/channel.ts'
import { readSegments, type ServedRung } from '../../test/harness/ladder-reader.ts'
import { readMetadata } from '../../test/harness/media/metadata-reader.ts'

/** What is put, and how fast. */
export type PutPlan = {
  readonly apiUrl: string
  readonly channelArn: string
  readonly seconds: number
  readonly perSecond: number
}

/** Media times in seconds, by text. */
export type MediaTimes = {
  readonly times: ReadonlyMap<string, number>
  /** Texts that two renditions have at different times. */
  readonly disagreements: ReadonlySet<string>
}

const SEGMENT_LOOK_MS = 2000

/** Puts until the time is over; the texts that the API took, in order. */
export async function putTexts({
  apiUrl,
  channelArn,
  seconds,
  perSecond,
}: PutPlan): Promise<readonly string[]> {
  const client = new IvsClient({
    endpoint: apiUrl,
    region: 'us-west-2',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
    maxAttempts: 1,
  })
  const texts: string[] = []
  const startMs = performance.now()
  while (texts.length < seconds * perSecond) {
    const metadata = JSON.stringify({ number: texts.length })
    await client.send(new PutMetadataCommand({ channelArn, metadata }))
    texts.push(metadata)
    await sleep(Math.max(0, startMs + (texts.length * 1000) / perSecond - performance.now()))
  }
  client.destroy()
  return texts
}

/** Reads the segments of all `rungs` until `signal` says so, and once more: a window lists only the last of them. */
export async function followMediaTimes(
  rungs: readonly ServedRung[],
  container: ContainerFormat,
  signal: AbortSignal,
): Promise<MediaTimes> {
  const times = new Map<string, number>()
  const disagreements = new Set<string>()
  const nextMsn = new Map<string, number>()
  const look = async (rung: ServedRung): Promise<void> => {
    for (const { msn, body } of await readSegments(rung, nextMsn.get(rung.name) ?? 0)) {
      nextMsn.set(rung.name, msn + 1)
      for (const { text, ticks } of readMetadata(body, container)) {
        if (times.has(text) && times.get(text) !== ticks / 90_000) disagreements.add(text)
        times.set(text, ticks / 90_000)
      }
    }
  }
  const isOver = (): boolean => signal.aborted
  while (!isOver()) {
    await Promise.all(rungs.map(look))
    await sleep(SEGMENT_LOOK_MS, undefined, { signal }).catch(() => undefined)
  }
  await Promise.all(rungs.map(look))
  return { times, disagreements }
}
