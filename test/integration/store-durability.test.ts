import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Channel } from '../../src/domain/channel.ts'
import { openStore } from '../../src/store/index.ts'
import type { Store } from '../../src/store/index.ts'

const ACCOUNT_ID = '000000000000'
const ROUNDS = 8
const MAX_LIFE_MS = 120

let dataDir: string
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'headwater-durability-'))
})
afterAll(() => rm(dataDir, { recursive: true }))

function startWriter() {
  const script = new URL('./store-writer.ts', import.meta.url).pathname
  return spawn(process.execPath, [script, dataDir, ACCOUNT_ID], { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** Lets a writer write for `lifeMs` after its first answer, kills it, and returns what it told. */
async function writeUntilKilled(lifeMs: number): Promise<readonly string[]> {
  const child = startWriter()
  const told = text(child.stdout)
  await once(child.stdout, 'readable')
  await delay(lifeMs)
  child.kill('SIGKILL')
  const lines = (await told).split('\n')
  // The last one may have been cut by the kill.
  return lines.slice(0, -1)
}

/** What must be stored: the last answered name of each channel, or that it is gone. */
function replay(lines: readonly string[], expected: Map<string, number | 'deleted'>): void {
  for (const line of lines) {
    const [what, arn = '', number] = line.split(' ')
    if (what === 'created') expected.set(arn, 0)
    if (what === 'renamed') expected.set(arn, Number(number))
    if (what === 'deleted') expected.set(arn, 'deleted')
  }
}

async function everyChannel(store: Store): Promise<readonly Channel[]> {
  const all: Channel[] = []
  let after: string | undefined
  do {
    const page = await store.channels.list(ACCOUNT_ID, {}, { after, limit: 100 })
    all.push(...page.items)
    after = page.next
  } while (after !== undefined)
  return all
}

test('every answered write survives kill -9, and nothing is half written', async () => {
  const expected = new Map<string, number | 'deleted'>()
  for (let round = 0; round < ROUNDS; round++) {
    const lines = await writeUntilKilled(Math.random() * MAX_LIFE_MS)
    expect(lines.length).toBeGreaterThan(0)
    replay(lines, expected)

    await using store = await openStore({ dataDir })
    const stored = new Map((await everyChannel(store)).map((channel) => [channel.arn, Number(channel.name)]))
    for (const [arn, wanted] of expected) {
      const name = stored.get(arn)
      if (wanted === 'deleted') expect(name).toBeUndefined()
      // One more write may have been done and not told yet: a rename, or the delete after the last one.
      else if (name === undefined) expect(wanted).toBe(3)
      else expect([wanted, wanted + 1]).toContain(name)
    }
    for (const arn of stored.keys()) {
      const keys = await store.streamKeys.listByChannel(ACCOUNT_ID, arn, { after: undefined, limit: 2 })
      expect(keys.items).toHaveLength(1)
    }
    // From here on the truth is what is stored.
    for (const [arn, wanted] of expected)
      if (wanted !== 'deleted') expected.set(arn, stored.get(arn) ?? 'deleted')
    for (const [arn, name] of stored) expected.set(arn, name)
  }
})

test('a second process is kept off the data directory until the first one dies', async () => {
  const child = startWriter()
  await once(child.stdout, 'readable')
  child.stdout.resume()
  await expect(openStore({ dataDir })).rejects.toMatchObject({ code: 'DATA_DIR_IN_USE' })
  child.kill('SIGKILL')
  await once(child, 'exit')
  await using store = await openStore({ dataDir })
  expect(await everyChannel(store)).not.toHaveLength(0)
})
