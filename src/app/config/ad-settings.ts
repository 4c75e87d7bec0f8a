/**
 * The settings of ads, rows of the table in `settings.ts`.
 */
import { parseTargetAllowList } from '../../ads/outbound/target-allow-list.ts'
import type { SettingTable } from './setting.ts'

/** The rows, in the order in which documents show them. */
export const adSettings: SettingTable<
  'adLeadSeconds' | 'adTargetAllow' | 'adMarkers' | 'adBeaconRetrySeconds' | 'adWorkers' | 'maxAdCacheBytes'
> = {
  adLeadSeconds: {
    kind: 'integer',
    doc: 'From InsertAdBreak to the moment at which playlists turn to ads; in this time the ad servers are asked.',
    default: 8,
    min: 2,
    max: 30,
    unit: 'seconds',
  },
  adTargetAllow: {
    kind: 'text',
    doc: 'Ad servers, creatives and beacon targets that may be reached although their addresses are not public.',
    default: undefined,
    want: 'host names, host:port and CIDR blocks such as 10.0.0.0/8 with commas between',
    read: (text) => (parseTargetAllowList(text) ? text : undefined),
  },
  adMarkers: {
    kind: 'choice',
    doc: 'Date ranges around ads: those that the IVS player makes its events of, or only the class that is documented.',
    default: 'player',
    choices: ['player', 'documented'],
  },
  adBeaconRetrySeconds: {
    kind: 'integer',
    doc: 'From an attempt to deliver a beacon that failed to the next one at the earliest; after an hour it is given up.',
    default: 30,
    min: 1,
    max: 600,
    unit: 'seconds',
  },
  adWorkers: {
    kind: 'integer',
    doc: 'Creatives that are encoded at the same time; a few more are fetched meanwhile.',
    default: 1,
    min: 1,
    max: 32,
    unit: 'creatives',
  },
  maxAdCacheBytes: {
    kind: 'integer',
    doc: 'Most bytes of conditioned creatives in the data directory; those not played for longest go first.',
    default: 10_737_418_240,
    min: 104_857_600,
    max: 1_099_511_627_776,
    unit: 'bytes',
  },
}
