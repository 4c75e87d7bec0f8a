import { expect, test } from 'vitest'
import { createExposition } from '../metrics/index.ts'
import { creativeMetrics } from './creative-metrics.ts'

test('creatives are counted by what became of them, failures by code', async () => {
  const totals = {
    ...{
      queued: 1,
      running: 2,
      storedCreatives: 3,
      storedBytes: 4,
      heldCreatives: 5,
      loadedBytes: 6,
      idleBytes: 7,
    },
    ...{ conditioned: 8, evictions: 9, turnedAway: 10 },
    failures: new Map([['CREATIVE_UNREACHABLE', 11] as const]),
  }
  const text = await createExposition(creativeMetrics({ totals })).print()
  expect(text.split('\n').filter((line) => line.startsWith('headwater_'))).toEqual([
    'headwater_creatives_queued 1',
    'headwater_creatives_running 2',
    'headwater_creatives_ready 3',
    'headwater_creative_cache_bytes 4',
    'headwater_creatives_held 5',
    'headwater_creative_memory_bytes 6',
    'headwater_creatives_conditioned_total 8',
    'headwater_creatives_evicted_total 9',
    'headwater_creatives_turned_away_total 10',
    'headwater_creatives_failed_total{code="CREATIVE_UNREACHABLE"} 11',
  ])
})
