import { expect, test } from 'vitest'
import type { CallContext } from '../operation.ts'
import { deleteChannel } from './deleteChannel.ts'

const ARN = 'arn:aws:ivs:us-west-2:000000000000:channel/abcdABCDefgh'

test('disconnects a publisher that came in while the channel was being deleted', async () => {
  const stopped: string[] = []
  let held = false
  const context = {
    accountId: '000000000000',
    channels: {
      get: () => Promise.resolve({ arn: ARN }),
      delete: () => {
        held = true
        return Promise.resolve(true)
      },
    },
    live: { isHeld: () => held },
    control: { stop: (arn: string) => stopped.push(arn) > 0 },
  } as unknown as CallContext
  await deleteChannel.run(context, { arn: ARN })
  expect(stopped).toEqual([ARN])
})
