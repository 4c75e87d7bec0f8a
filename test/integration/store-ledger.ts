/**
 * What a store must hold after writes that were told one by one and may have been cut off anywhere.
 *
 * A life is a row of writes, each begun when the one before was answered: 1 adds a playback restriction policy, 2 a
 * channel that refers to it and is named "2", 3 and 4 rename the channel, 5 deletes it, 6 deletes the policy.
 */
import { expect } from 'vitest'
import { newChannel } from '../../src/domain/channel-rules.ts'
import { newPlaybackRestrictionPolicy } from '../../src/domain/playback-restriction-policy.ts'
import { newStreamKey } from '../../src/domain/stream-key-rules.ts'
import type { Page, PageRequest } from '../../src/domain/stores.ts'
import type { Store } from '../../src/store/index.ts'

/** What one life writes. */
export type Life = { readonly channelArn: string; readonly policyArn: string }

/** How a life is led. */
export type LifeOptions = {
  /** Whether it ends with step 4. */
  readonly stays: boolean
  /** Called with 0 before the first write, and with its number after each that is answered. */
  readonly tell: (step: number, life: Life) => void
}

const ACCOUNT_ID = '000000000000'
const NO_LIMIT = Number.MAX_SAFE_INTEGER
const FIRST_NAME = 2
const LAST_NAME = 4

/** Leads one life in `store`. */
export async function live(store: Store, { stays, tell }: LifeOptions): Promise<void> {
  const birth = { region: 'us-west-2', accountId: ACCOUNT_ID, nowMs: Date.now() }
  const policy = newPlaybackRestrictionPolicy(birth, {})
  const settings = { name: String(FIRST_NAME), playbackRestrictionPolicyArn: policy.arn }
  const channel = { ...newChannel(birth, {}), ...settings }
  const life = { channelArn: channel.arn, policyArn: policy.arn }
  tell(0, life)
  await store.playbackRestrictionPolicies.create(policy, NO_LIMIT)
  tell(1, life)
  await store.channels.create(channel, newStreamKey(birth, channel.arn), NO_LIMIT)
  tell(FIRST_NAME, life)
  for (let step = FIRST_NAME + 1; step <= LAST_NAME; step++) {
    await store.channels.update(ACCOUNT_ID, channel.arn, (stored) => ({ ...stored, name: String(step) }))
    tell(step, life)
  }
  if (stays) return
  await store.channels.delete(ACCOUNT_ID, channel.arn)
  tell(5, life)
  await store.playbackRestrictionPolicies.delete(ACCOUNT_ID, policy.arn)
  tell(6, life)
}

/** The lives that were told of, and how far each of them is known to have come. */
export class StoreLedger {
  readonly #lives = new Map<string, Life & { step: number }>()

  /** How many lives are known and not over. */
  get lives(): number {
    return this.#lives.size
  }

  /** Takes down that `step` of a life was told. */
  tell(step: number, life: Life): void {
    this.#lives.set(life.channelArn, { ...life, step })
  }

  /** Takes down the lines of a `store-writer.ts` that was killed; the last one may be cut off. */
  tellLines(output: string): void {
    for (const line of output.split('\n').slice(0, -1)) {
      const [step, channelArn = '', policyArn = ''] = line.split(' ')
      this.tell(Number(step), { channelArn, policyArn })
    }
  }

  /** Expects everything told, at most one write more of each life, and nothing half. What is found is the truth then on. */
  async expectKept(store: Store): Promise<void> {
    const { channels, playbackRestrictionPolicies } = store
    const stored = await everyItem((page) => channels.list(ACCOUNT_ID, {}, page))
    const policies = await everyItem((page) => playbackRestrictionPolicies.list(ACCOUNT_ID, page))
    const names = new Map(stored.map((channel) => [channel.arn, Number(channel.name)]))
    const policyArns = new Set(policies.map((policy) => policy.arn))
    for (const [arn, life] of this.#lives) {
      const name = names.get(arn)
      const step = name ?? stepWithoutChannel(life.step, policyArns.has(life.policyArn))
      expect([life.step, life.step + 1], `after step ${life.step}`).toContain(step)
      if (name !== undefined) expect(policyArns.has(life.policyArn)).toBe(true)
      life.step = step
      // Its end is stored: there is nothing left to look at.
      if (step === 6) this.#lives.delete(arn)
    }
    for (const { arn } of stored) {
      expect(this.#lives.has(arn)).toBe(true)
      const keys = await store.streamKeys.listByChannel(ACCOUNT_ID, arn, { after: undefined, limit: 2 })
      expect(keys.items).toHaveLength(1)
    }
    await expectCount(store, stored.length)
  }
}

function stepWithoutChannel(told: number, hasPolicy: boolean): number {
  const isPast = told >= LAST_NAME
  if (hasPolicy) return isPast ? 5 : 1
  return isPast ? 6 : 0
}

/** The quota's own count must agree with the channels there are. */
async function expectCount(store: Store, count: number): Promise<void> {
  const birth = { region: 'us-west-2', accountId: ACCOUNT_ID, nowMs: 1 }
  const channel = newChannel(birth, {})
  const add = (limit: number) => store.channels.create(channel, newStreamKey(birth, channel.arn), limit)
  expect(await add(count)).toBe('over-limit')
  expect(await add(count + 1)).toBe('created')
  await store.channels.delete(ACCOUNT_ID, channel.arn)
}

async function everyItem<Item>(list: (page: PageRequest) => Promise<Page<Item>>): Promise<readonly Item[]> {
  const all: Item[] = []
  let after: string | undefined
  do {
    const page = await list({ after, limit: 100 })
    all.push(...page.items)
    after = page.next
  } while (after !== undefined)
  return all
}
