/**
 * A process that reports events of many sessions until it is killed. Its argument is a `BeaconReporterOrder` as JSON. Prints
 * the key of each beacon when it has reported it.
 */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { someViewer } from '../../src/ads/beacons/ad-fixture.ts'
import { plainTransport } from '../../src/ads/beacons/beacon-receiver.ts'
import { BeaconSender } from '../../src/ads/beacons/beacon-sender.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
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
const directory = join(storeOptions.dataDir, 'beacons')
const options = {
  queue: store.beacons,
  directory,
  transport: plainTransport,
  nodeId: 'node',
  clock: systemClock,
  logger: silentLogger,
}
const sender = new BeaconSender(options)
const EVENTS = ['impression', 'start', 'midpoint', 'complete']
for (let session = 0; ; session++) {
  const sessionNumber = `${prefix}${session}`
  const beacons = EVENTS.map((event) => {
    const urls = [`${address}/${sessionNumber}/AdBreak00001/0/${event}/0`]
    return { breakId: 'AdBreak00001', adIndex: 0, event, urls, configurationName: 'ads' }
  })
  sender.due(someViewer({ sessionNumber }), beacons)
  // A pipe takes it at once: whoever reads it knows what was due, whenever this process ends.
  process.stdout.write(EVENTS.map((event) => `${sessionNumber}/AdBreak00001/0/${event}/0\n`).join(''))
  await sleep(1)
}
