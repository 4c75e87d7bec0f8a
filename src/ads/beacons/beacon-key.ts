/**
 * Keys of beacons, `<session>/<break>/<ad>/<event>/<url>`, and of what they belong to: whatever has the same key is the same.
 */
import type { DueBeacon } from '../beacon.ts'

/** Which event of which viewing session a beacon tells of. */
export type BeaconSubject = {
  readonly sessionNumber: string
  readonly breakId: string
  readonly adIndex: number
  readonly event: string
}

const MAX_EVENT_CHARS = 64
/** More ads of one break are not reported. */
export const MAX_ADS = 100

/** Beacons of one session and break, which stay in order. */
export function beaconChain(sessionNumber: string, breakId: string): string {
  return `${sessionNumber}/${breakId}`
}

/** The same for the same event of a chain: `<ad>/<event>`. */
export function eventOf({ adIndex, event }: Pick<DueBeacon, 'adIndex' | 'event'>): string {
  return `${adIndex}/${event.slice(0, MAX_EVENT_CHARS).replace(/[^\w:.-]/g, '_')}`
}

/** The same for the same URL of the same event. */
export function beaconKey(chain: string, beacon: DueBeacon, urlIndex: number): string {
  return `${chain}/${eventOf(beacon)}/${urlIndex}`
}

/** The event that a key is of. */
export function eventOfKey(key: string): string {
  return key.slice(chainOf(key).length + 1, key.lastIndexOf('/'))
}

/** What a key was made of. */
export function subjectOf(key: string): BeaconSubject {
  const [sessionNumber = '', breakId = '', adIndex = '', ...rest] = key.split('/')
  return { sessionNumber, breakId, adIndex: Number(adIndex), event: rest.slice(0, -1).join('/') }
}

/** The chain that a key is of. */
export function chainOf(key: string): string {
  return key.slice(0, key.indexOf('/', key.indexOf('/') + 1))
}

/** Whether this is the first URL of its event. */
export function isFirstOfEvent(key: string): boolean {
  return key.endsWith('/0')
}
