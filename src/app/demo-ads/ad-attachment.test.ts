import { afterEach, beforeEach, expect, test } from 'vitest'
import { ManualClock } from '../../base/manual-clock.ts'
import { changeChannel, newChannel } from '../../domain/channel-rules.ts'
import type { Channel } from '../../domain/channel.ts'
import { DEFAULT_SERVICE_LIMITS } from '../../domain/service-limits.ts'
import { newStreamKey } from '../../domain/stream-key-rules.ts'
import { openStore, type Store } from '../../store/index.ts'
import { temporaryDirectory } from '../../store/store-fixture.ts'
import { attachDemoAds, type AdAttachmentOptions } from './ad-attachment.ts'

const ACCOUNT = '000000000000'
const IDENTITY = {
  region: 'us-west-2',
  accountId: ACCOUNT,
  publicUrl: 'http://127.0.0.1:8080',
  ingestHost: '127.0.0.1',
}

let resources: AsyncDisposableStack
let store: Store
let channel: Channel
beforeEach(async () => {
  resources = new AsyncDisposableStack()
  const directory = resources.use(await temporaryDirectory())
  store = resources.use(await openStore({ dataDir: directory.path }))
  const birth = { region: IDENTITY.region, accountId: ACCOUNT, nowMs: 0 }
  channel = newChannel(birth, { name: 'demo' })
  await store.channels.create(channel, newStreamKey(birth, channel.arn), DEFAULT_SERVICE_LIMITS.channels)
})
afterEach(() => resources.disposeAsync())

function options(port: number): AdAttachmentOptions {
  const adDecisionServerUrl = `http://127.0.0.1:${port}/vast?dur=[session.avail_duration_secs]`
  return { store, identity: IDENTITY, clock: new ManualClock(), channelArn: channel.arn, adDecisionServerUrl }
}

async function attachedArn(): Promise<string | undefined> {
  return (await store.channels.get(ACCOUNT, channel.arn))?.adConfigurationArn
}

test('the channel gets ads from the ad server, without a break after the end', async () => {
  await attachDemoAds(options(4000))
  const configuration = await store.playbackConfigurations.get(ACCOUNT, 'demo-ads')
  expect(configuration?.document).toEqual({
    AdDecisionServerUrl: 'http://127.0.0.1:4000/vast?dur=[session.avail_duration_secs]',
    VideoContentSourceUrl: 'http://127.0.0.1:8080/',
    InsertionMode: 'PLAYER_SELECT',
  })
  const adConfiguration = await store.adConfigurations.get(ACCOUNT, (await attachedArn()) ?? '')
  expect(adConfiguration).toMatchObject({
    name: 'demo-ads',
    playbackConfigurationArns: [configuration?.arn],
    postRoll: { enabled: false },
  })
})

test('a second start changes the address and makes nothing twice', async () => {
  await attachDemoAds(options(4000))
  const first = await attachedArn()
  await attachDemoAds(options(5000))
  expect(await attachedArn()).toBe(first)
  const page = { after: undefined, limit: 100 }
  expect((await store.adConfigurations.list(ACCOUNT, page)).items).toHaveLength(1)
  const { items } = await store.playbackConfigurations.list(ACCOUNT, page)
  expect(items.map(({ document }) => document['AdDecisionServerUrl'])).toEqual([
    'http://127.0.0.1:5000/vast?dur=[session.avail_duration_secs]',
  ])
})

test('a channel that takes no ads stays without', async () => {
  await store.channels.update(ACCOUNT, channel.arn, (found) =>
    changeChannel(found, { containerFormat: 'FRAGMENTED_MP4' }),
  )
  await attachDemoAds(options(4000))
  expect(await attachedArn()).toBe('')
})
