/**
 * Directories and channels for tests of the store. Databases for them are in `test/harness/databases.ts`.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Channel, StreamKey } from '../domain/channel.ts'
import { newChannel } from '../domain/channel-rules.ts'
import { newStreamKey } from '../domain/stream-key-rules.ts'
import type { Store } from './open-store.ts'

/** Account of the fixture's resources. */
export const ACCOUNT_ID = '000000000000'

/** A directory that goes away with its holder. */
export async function temporaryDirectory(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'headwater-store-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

/** A channel and its key, as CreateChannel makes them. */
export function newPair(
  changes: Partial<Channel> = {},
  nowMs = 1,
): { readonly channel: Channel; readonly streamKey: StreamKey } {
  const birth = { region: 'us-west-2', accountId: changes.accountId ?? ACCOUNT_ID, nowMs }
  const channel = { ...newChannel(birth, {}), ...changes }
  return { channel, streamKey: newStreamKey(birth, channel.arn) }
}

/** Adds a channel and its key to `store`. */
export async function addChannel(
  store: Store,
  changes: Partial<Channel> = {},
  nowMs = 1,
): Promise<{ readonly channel: Channel; readonly streamKey: StreamKey }> {
  const pair = newPair(changes, nowMs)
  await store.channels.create(pair.channel, pair.streamKey, 1000)
  return pair
}
