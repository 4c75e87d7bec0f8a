/**
 * Writes channels as fast as it can and tells each answered write on standard output, until somebody kills it.
 *
 * Lines: `created <arn>`, `renamed <arn> <number>`, `deleted <arn>`. Started by `store-durability.test.ts`.
 */
import { writeSync } from 'node:fs'
import { newChannel } from '../../src/domain/channel-rules.ts'
import { newStreamKey } from '../../src/domain/stream-key-rules.ts'
import { openStore } from '../../src/store/index.ts'

const WRITERS = 6
const RENAMES = 3

const [dataDir = '', accountId = ''] = process.argv.slice(2)
const store = await openStore({ dataDir })

function tell(...words: readonly (string | number)[]): void {
  writeSync(1, `${words.join(' ')}\n`)
}

async function write(): Promise<never> {
  for (;;) {
    const birth = { region: 'us-west-2', accountId, nowMs: Date.now() }
    const channel = newChannel(birth, {})
    await store.channels.create(channel, newStreamKey(birth, channel.arn), Number.MAX_SAFE_INTEGER)
    tell('created', channel.arn)
    for (let number = 1; number <= RENAMES; number++) {
      await store.channels.update(accountId, channel.arn, (stored) => ({ ...stored, name: String(number) }))
      tell('renamed', channel.arn, number)
    }
    if (Math.random() < 0.5) continue
    await store.channels.delete(accountId, channel.arn)
    tell('deleted', channel.arn)
  }
}

await Promise.all(Array.from({ length: WRITERS }, write))
