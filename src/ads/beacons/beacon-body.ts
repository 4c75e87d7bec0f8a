/**
 * What is kept of a beacon until it is sent, and the request made of it.
 */
import type { MacroFacts } from '../../media/vast/macros.ts'
import type { BeaconViewer } from '../ad-viewer.ts'
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

/** Longer ones are given up: no target could be meant. */
const MAX_BEACON_URL_CHARS = 8192
const MAX_USER_AGENT_CHARS = 512

/** As JSON. */
export function printBody(viewer: BeaconViewer, beacon: DueBeacon, url: string): string {
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
