/**
 * A process that reports events of many sessions until it is killed. Its argument is a `BeaconReporterOrder` as JSON. Prints
 * the key of each beacon once it is on disk.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { someViewer } from '../../src/ads/beacons/ad-fixture.ts'
import { plainTransport } from '../../src/ads/beacons/beacon-receiver.ts'
import { BeaconSender } from '../../src/ads/beacons/beacon-sender.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
import type { BeaconQueue } from '../../src/domain/beacon-queue.ts'
import { openStore, type StoreOptions } from '../../src/store/index.ts'

/** What the process does. */
export type BeaconReporterOrder = {
  readonly store: StoreOptions
  /** Of the receiver. */
  readonly address: string
  /** Begins the names of its sessions. */
  readonly prefix: string
}

const { store: storeOptions, address, prefix } = JSON.parse(process.argv[2] ?? '') as BeaconReporterOrder
const store = await openStore(storeOptions)
const queue: BeaconQueue = {
  ...store.beacons,
  add: async (nodeId, beacons) => {
    const fresh = await store.beacons.add(nodeId, beacons)
    process.stdout.write([...fresh].map((key) => `${key}\n`).join(''))
    return fresh
  },
}
const options = { queue, transport: plainTransport, nodeId: 'node', clock: systemClock, logger: silentLogger }
const sender = new BeaconSender(options)
const EVENTS = ['impression', 'start', 'midpoint', 'complete']
for (let session = 0; ; session++) {
  const sessionNumber = `${prefix}${session}`
  const beacons = EVENTS.map((event) => {
    const urls = [`${address}/${sessionNumber}/AdBreak00001/0/${event}/0`]
    return { breakId: 'AdBreak00001', adIndex: 0, event, urls, configurationName: 'ads' }
  })
  sender.due(someViewer({ sessionNumber }), beacons)
  await sleep(1)
}
