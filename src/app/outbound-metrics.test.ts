import { expect, onTestFinished, test } from 'vitest'
import { OutboundClient } from '../ads/outbound/outbound-client.ts'
import { createExposition } from '../metrics/index.ts'
import { outboundMetrics } from './outbound-metrics.ts'

test('requests and look-ups of each client are told apart by what became of them', async () => {
  const unresolved = (): Promise<never> => Promise.reject(new Error('no such name'))
  const ads = new OutboundClient({ allowList: [] })
  const beacons = new OutboundClient({ allowList: [], maxRequests: 1, resolve: unresolved })
  onTestFinished(() => {
    ads.close()
    beacons.close()
  })
  const call = (client: OutboundClient, url: string): Promise<unknown> =>
    client.call({ url, timeoutMs: 1000 }).catch(() => undefined)
  await call(ads, 'http://127.0.0.1/private')
  await Promise.all([1, 2, 3].map(() => call(beacons, 'http://gone.test/')))
  const text = await createExposition(outboundMetrics({ ads, beacons })).print()
  const lines = text.split('\n').filter((line) => /^headwater_outbound_.* [^0]\d*$/.test(line))
  expect(lines).toEqual([
    'headwater_outbound_requests_total{client="ads",outcome="blocked-target"} 1',
    'headwater_outbound_requests_total{client="beacons",outcome="network"} 1',
    'headwater_outbound_requests_total{client="beacons",outcome="too-busy"} 2',
    'headwater_outbound_lookups_total{client="beacons",step="begun"} 1',
    'headwater_outbound_lookups_total{client="beacons",step="failed"} 1',
  ])
  expect(text.split('\n').filter((line) => line.startsWith('headwater_outbound_'))).toHaveLength(26)
})
