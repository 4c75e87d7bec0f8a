/**
 * Decides which addresses a request may connect to.
 *
 * The name of a target is resolved first, every address is judged, and the connection goes to one that was judged: a name
 * that leads elsewhere a moment later changes nothing. Everything but public unicast is refused unless it is allowed:
 * private, loopback, link-local, multicast, unspecified, and IPv6 addresses that stand for IPv4 ones.
 *
 * Reference: ssai §7.6. Ranges: IANA special-purpose address registries (RFC 6890).
 */
import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'
import type { NameResolver } from './name-lookups.ts'
import { OutboundError } from './outbound-error.ts'
import { isAddressAllowed, isNameAllowed, parseAddress } from './target-allow-list.ts'
import type { TargetAllowList } from './target-allow-list.ts'

/** Asks the system, so that its hosts file counts. */
export const systemResolver: NameResolver = (name) =>
  new Promise((resolve, reject) => {
    dnsLookup(name, { all: true }, (error, addresses) => {
      if (error) reject(error)
      else resolve(addresses)
    })
  })

/** Only from here are IPv6 addresses given to the public (RFC 4291 §2.4, IANA). */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3')

/** Whether anybody on the internet could be reached at this address. */
export function isPublicAddress(text: string): boolean {
  const address = parseAddress(text)
  if (address?.range() !== 'unicast') return false
  return address instanceof ipaddr.IPv4 || address.match(GLOBAL_UNICAST)
}

/** So many addresses are remembered as admitted: reading one costs more than the rest of a request's judgement. */
const MAX_ADMITTED = 1024

/** Knows what is allowed, and where names lead. */
export class TargetGuard {
  readonly #allowList: TargetAllowList
  readonly #resolve: NameResolver
  /** Addresses and ports in URLs; what is allowed never changes. */
  readonly #admitted = new Set<string>()

  constructor(allowList: TargetAllowList, resolve: NameResolver) {
    this.#allowList = allowList
    this.#resolve = resolve
  }

  /**
   * Judges what can be judged without resolving a name; connections to addresses do not ask `lookupFor`.
   *
   * @throws {OutboundError} `BLOCKED_TARGET`.
   */
  admit(url: URL): void {
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      throw new OutboundError('BLOCKED_TARGET', 'only http and https are asked')
    }
    const { origin } = url
    if (this.#admitted.has(origin)) return
    const host = hostOf(url)
    if (isIP(host) === 0) return
    if (!this.#mayConnect(host, portOf(url))) throw blocked()
    if (this.#admitted.size >= MAX_ADMITTED) this.#admitted.clear()
    this.#admitted.add(origin)
  }

  /** Resolves the name of `url` for a connection, and keeps the addresses that it may go to. */
  lookupFor(url: URL): LookupFunction {
    return (name, options, callback) => {
      this.#addressesFor(url, name).then(
        (addresses) => answer(addresses, options, callback),
        (error: unknown) => callback(error as NodeJS.ErrnoException, ''),
      )
    }
  }

  async #addressesFor(url: URL, name: string): Promise<readonly LookupAddress[]> {
    const addresses = await this.#resolve(name)
    const port = portOf(url)
    if (isNameAllowed(this.#allowList, hostOf(url), port)) return addresses
    const admitted = addresses.filter(({ address }) => this.#mayConnect(address, port))
    if (admitted.length === 0) throw blocked()
    return admitted
  }

  #mayConnect(address: string, port: number): boolean {
    return isPublicAddress(address) || isAddressAllowed(this.#allowList, address, port)
  }
}

function answer(
  addresses: readonly LookupAddress[],
  options: LookupOptions,
  callback: Parameters<LookupFunction>[2],
): void {
  if (options.all) {
    callback(null, [...addresses])
    return
  }
  const family = options.family === 'IPv6' ? 6 : options.family === 'IPv4' ? 4 : options.family
  const found = addresses.find((each) => !family || each.family === family)
  if (found) callback(null, found.address, found.family)
  else callback(blocked(), '')
}

/** Host as it is resolved: without brackets, and without the dot that ends a name. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.+)\]$/, '$1').replace(/\.$/, '')
}

function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port)
  return protocol === 'https:' ? 443 : 80
}

function blocked(): OutboundError {
  return new OutboundError('BLOCKED_TARGET', 'the address is not public, and adTargetAllow does not name it')
}
