/**
 * Writes channels as fast as it can and tells each answered write on standard output, until somebody kills it.
 *
 * Every line is `<step> <channel ARN> <policy ARN>`; see `store-ledger.ts` for the steps of a life. Started by
 * `store-durability.test.ts` with the store's options as JSON.
 */
import { writeSync } from 'node:fs'
import type { StoreOptions } from '../../src/store/index.ts'
import { openStore } from '../../src/store/index.ts'
import { live, type Life } from './store-ledger.ts'

const WRITERS = 8
/** Of so many lives one stays as it is, so that there is always something to lose. */
const STAYING_LIFE = 8

const [options = '{}'] = process.argv.slice(2)
const store = await openStore(JSON.parse(options) as StoreOptions)

function tell(step: number, { channelArn, policyArn }: Life): void {
  writeSync(1, `${step} ${channelArn} ${policyArn}\n`)
}

async function write(): Promise<never> {
  for (let count = 0; ; count++) await live(store, { stays: count % STAYING_LIFE === 0, tell })
}

await Promise.all(Array.from({ length: WRITERS }, write))
