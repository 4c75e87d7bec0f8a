/**
 * What is kept of a beacon until it is sent, and the request made of it.
 */
import type { MacroFacts } from '../../media/vast/macros.ts'
import type { AdViewer } from '../ad-viewer.ts'
import type { DueBeacon } from '../beacon.ts'

/** The part of a beacon that the database does not look into. */
export type BeaconBody = {
  readonly url: string
  readonly userAgent: string
  readonly address: string
  readonly configurationName: string
  readonly accountId: string
  readonly sessionUuid: string
}

/** Which event of which viewing session a beacon tells of. */
export type BeaconSubject = {
  readonly sessionNumber: string
  readonly breakId: string
  readonly adIndex: number
  readonly event: string
}

/** Longer ones are given up: no target could be meant. */
export const MAX_BEACON_URL_CHARS = 8192
const MAX_USER_AGENT_CHARS = 512
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

/** As JSON. */
export function printBody(viewer: AdViewer, beacon: DueBeacon, url: string): string {
  const { address, accountId, sessionUuid } = viewer
  const { configurationName } = beacon
  const userAgent = viewer.userAgent.slice(0, MAX_USER_AGENT_CHARS)
  const body: BeaconBody = { url, userAgent, address, configurationName, accountId, sessionUuid }
  return JSON.stringify(body)
}

/** What `printBody` printed. */
export function parseBody(text: string): BeaconBody {
  return JSON.parse(text) as BeaconBody
}

/** The viewer's own address and program (reference ssai §4.5). */
export function beaconHeaders(body: BeaconBody): Readonly<Record<string, string>> {
  const address = headerValue(body.address)
  const userAgent = headerValue(body.userAgent)
  return {
    'User-Agent': userAgent,
    'X-Forwarded-For': address,
    'X-Device-IP': address,
    'X-Device-User-Agent': userAgent,
  }
}

/** What a URL may leave open for a server to fill in. */
export function macroFacts(body: BeaconBody): MacroFacts {
  return { deviceIp: body.address, deviceUserAgent: body.userAgent, isServerSide: true }
}

/** Host and port of a URL that can be called; undefined for any other. */
export function targetOf(url: string): string | undefined {
  if (url.length > MAX_BEACON_URL_CHARS || !URL.canParse(url)) return undefined
  const { protocol, host, hostname } = new URL(url)
  if (protocol === 'https:') return hostname === host ? `${host}:443` : host
  if (protocol === 'http:') return hostname === host ? `${host}:80` : host
  return undefined
}

/** Without what would end a header or cannot stand in one (rfc9110 §5.5). */
function headerValue(text: string): string {
  return text.replace(/[^\x20-\x7e\xa0-\xff]/g, '').trim()
}
