import { expect, test } from 'vitest'
import type { BeaconLogEntry } from '../ads/beacons/beacon-log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import type { LogFields, Logger } from '../base/logger.ts'
import type { AdSettings } from '../domain/playback-configuration.ts'
import { beaconLog, decisionLog, playerLog } from './ad-log.ts'

const SESSION = { accountId: '123456789012', configurationName: 'sports', sessionUuid: 'uuid-1' }
const CLOCK = new ManualClock(Date.UTC(2026, 0, 2, 3, 4, 5))
const FIRED: BeaconLogEntry = {
  ...SESSION,
  eventType: 'BEACON_FIRED',
  sessionNumber: 'n1',
  breakId: 'b1',
  adIndex: 0,
  event: 'start',
  target: 'ads.test:443',
  outcome: '200',
}

function recorder(): { readonly logger: Logger; readonly lines: LogFields[] } {
  const lines: LogFields[] = []
  const none = (): void => undefined
  const logger: Logger = {
    debug: none,
    info: (_sentence, fields = {}) => void lines.push(fields),
    warn: none,
    error: none,
    with: () => logger,
  }
  return { logger, lines }
}

test('a filled avail has the members of the record of the service (ssai §2.3)', () => {
  const { logger, lines } = recorder()
  const fields = { fillRate: 0.5, skippedAds: [{ creativeUniqueId: 'c1', skippedReason: 'NEW_CREATIVE' }] }
  const entry = { ...SESSION, channelArn: 'arn', breakId: 'b1', fields }
  decisionLog({ logger, clock: CLOCK })({ ...entry, eventType: 'FILLED_AVAIL' })
  expect(lines).toEqual([
    {
      eventType: 'FILLED_AVAIL',
      eventTimestamp: '2026-01-02T03:04:05.000Z',
      customerId: '8d993ccdf628e26e170a949ee2a3870455dbd8fa',
      awsAccountId: '123456789012',
      originId: 'sports',
      sessionId: 'uuid-1',
      channelArn: 'arn',
      avail: { availId: 'b1', ...fields },
    },
  ])
})

async function logged(
  settings: Pick<AdSettings, 'logPercent' | 'excludedLogEvents'>,
  entry = FIRED,
): Promise<readonly LogFields[]> {
  const { logger, lines } = recorder()
  const found = Promise.resolve(settings as AdSettings)
  beaconLog({ logger, clock: CLOCK }, { named: () => found })(entry)
  await found
  await Promise.resolve()
  return lines
}

test('a beacon is logged when its session is drawn, and not otherwise', async () => {
  expect(await logged({ logPercent: 100 })).toMatchObject([
    { eventType: 'BEACON_FIRED', availId: 'b1', trackingEvent: 'start', target: 'ads.test:443' },
  ])
  expect(await logged({ logPercent: 0 })).toEqual([])
})

test('a kind of event that the configuration excludes is not logged', async () => {
  expect(await logged({ logPercent: 100, excludedLogEvents: ['BEACON_FIRED'] })).toEqual([])
})

test('texts from outside cannot break out of their line', async () => {
  const [line] = await logged({ logPercent: 100 }, { ...FIRED, outcome: 'no\u001b[2J\nfake' })
  expect(line?.['outcome']).toBe('no\uFFFD[2J\uFFFDfake')
})

test('what a player asks for is logged for the same sessions, unless its kind is excluded', async () => {
  const entry = {
    ...SESSION,
    eventType: 'SESSION_INITIALIZED',
    channelArn: 'arn',
    fields: { reportingMode: 'CLIENT' },
  } as const
  const settings = { logPercent: 100, excludedLogEvents: ['SESSION_INITIALIZED'] }
  const of = async (more: Partial<AdSettings>): Promise<readonly LogFields[]> => {
    const { logger, lines } = recorder()
    const found = Promise.resolve({ ...settings, ...more } as AdSettings)
    playerLog({ logger, clock: CLOCK }, { named: () => found })(entry)
    await found
    await Promise.resolve()
    return lines
  }
  expect(await of({})).toMatchObject([
    { eventType: 'SESSION_INITIALIZED', sessionId: 'uuid-1', originId: 'sports', reportingMode: 'CLIENT' },
  ])
  expect(await of({ excludedManifestLogEvents: ['SESSION_INITIALIZED'] })).toEqual([])
  expect(await of({ logPercent: 0 })).toEqual([])
})
