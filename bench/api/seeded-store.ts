/**
 * A data directory that has channels in it before the server starts.
 */
import { join } from 'node:path'
import { newChannel } from '../../src/domain/channel-rules.ts'
import { newStreamKey } from '../../src/domain/stream-key-rules.ts'
import { openStore } from '../../src/store/index.ts'
import { scratchDirectory } from '../rig/scratch-directory.ts'

/** Account of the channels. */
export const BENCH_ACCOUNT = '123456789012'

/** Region of the channels. */
export const BENCH_REGION = 'us-west-2'

/** A directory and the ARNs of the channels in it. */
export type SeededStore = { readonly dataDir: string; readonly arns: readonly string[] }

const AT_ONCE = 1000

/** Makes a directory with `count` channels. */
export async function seedStore(count: number): Promise<SeededStore> {
  const dataDir = join(scratchDirectory('api'), 'data')
  await using store = await openStore({ dataDir })
  const arns: string[] = []
  while (arns.length < count) {
    const birth = { region: BENCH_REGION, accountId: BENCH_ACCOUNT, nowMs: Date.now() }
    const channels = Array.from({ length: Math.min(AT_ONCE, count - arns.length) }, () =>
      newChannel(birth, { name: 'bench', type: 'BASIC' }, { team: 'bench' }),
    )
    await Promise.all(
      channels.map((channel) => store.channels.create(channel, newStreamKey(birth, channel.arn), Infinity)),
    )
    arns.push(...channels.map(({ arn }) => arn))
  }
  return { dataDir, arns }
}
