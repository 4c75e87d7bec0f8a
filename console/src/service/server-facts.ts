/**
 * Facts about the server that its API does not carry: where to publish on this machine, its version and its demo.
 */

/** What `console/server.json` says; an address that is missing is not offered. */
export type ServerFacts = {
  readonly rtmpUrl: string | undefined
  readonly rtmpsUrl: string | undefined
  readonly version: string | undefined
  /** Page with the beacons of the demo's ads. */
  readonly adServerUrl: string | undefined
}

/** Facts of a server that tells none. */
export const NO_SERVER_FACTS: ServerFacts = {
  rtmpUrl: undefined,
  rtmpsUrl: undefined,
  version: undefined,
  adServerUrl: undefined,
}

/** Takes the known members out of `json`, ignoring whatever has an unexpected shape. */
export function parseServerFacts(json: unknown): ServerFacts {
  if (typeof json !== 'object' || json === null) return NO_SERVER_FACTS
  const members = new Map<string, unknown>(Object.entries(json))
  return {
    rtmpUrl: text(members.get('rtmpUrl')),
    rtmpsUrl: text(members.get('rtmpsUrl')),
    version: text(members.get('version')),
    adServerUrl: pageAddress(members.get('adServerUrl')),
  }
}

/** Fetches the facts; the page works without them, so a failure gives none. */
export async function fetchServerFacts(baseUrl: URL, signal: AbortSignal): Promise<ServerFacts> {
  try {
    const response = await fetch(new URL('console/server.json', baseUrl), { signal })
    return response.ok ? parseServerFacts(await response.json()) : NO_SERVER_FACTS
  } catch {
    return NO_SERVER_FACTS
  }
}

/** Ends up in a link: nothing but a web page may be behind it. */
function pageAddress(value: unknown): string | undefined {
  const address = text(value)
  return address !== undefined && /^https?:/.test(address) ? address : undefined
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
