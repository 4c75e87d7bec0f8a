/**
 * Who is at the other end of a request that proxies may have passed on.
 *
 * `X-Forwarded-For` is believed from right to left for as long as the address that wrote an entry is a trusted proxy:
 * whatever stands further left, anybody may have made up.
 */
import { BlockList, isIP } from 'node:net'

/** Addresses whose `X-Forwarded-For` is believed. */
export type TrustedProxies = {
  readonly has: (address: string) => boolean
}

const ADDRESS_BITS = { 4: 32, 6: 128 } as const
const MAPPED_IPV4 = /^::ffff:([0-9.]+)$/i

/**
 * Reads a comma-separated list of addresses and CIDR blocks; undefined when an entry is neither.
 *
 * An empty text trusts nobody.
 */
export function parseTrustedProxies(text: string): TrustedProxies | undefined {
  const list = new BlockList()
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry !== '' && !addBlock(list, entry)) return undefined
  }
  return { has: (address) => list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4') }
}

/**
 * The address of the viewer, in its plain form: an IPv4 address is never written as IPv6.
 *
 * @param remoteAddress the other end of the socket.
 * @param forwardedFor the `X-Forwarded-For` header; undefined when there is none.
 */
export function viewerAddress(
  remoteAddress: string,
  forwardedFor: string | undefined,
  trusted: TrustedProxies | undefined,
): string {
  let address = plainAddress(remoteAddress) ?? ''
  let rest = forwardedFor
  while (rest !== undefined && address !== '' && trusted?.has(address)) {
    const comma = rest.lastIndexOf(',')
    const entry = plainAddress(withoutPort(rest.slice(comma + 1).trim()))
    // What a trusted proxy wrote and is no address tells nothing about who asked it.
    if (entry === undefined) return address
    address = entry
    rest = comma < 0 ? undefined : rest.slice(0, comma)
  }
  return address
}

function addBlock(list: BlockList, entry: string): boolean {
  const [network = '', bitsText, ...more] = entry.split('/')
  const version = isIP(network)
  if (more.length > 0 || (version !== 4 && version !== 6) || network.includes('%')) return false
  const bits = bitsText === undefined ? ADDRESS_BITS[version] : readBits(bitsText)
  if (bits > ADDRESS_BITS[version]) return false
  list.addSubnet(network, bits, version === 4 ? 'ipv4' : 'ipv6')
  return true
}

function readBits(text: string): number {
  return /^[0-9]{1,3}$/.test(text) ? Number(text) : Infinity
}

/** The address without its zone; undefined when it is none. */
function plainAddress(text: string): string | undefined {
  const [address = ''] = text.split('%')
  if (isIP(address) === 0) return undefined
  const mapped = MAPPED_IPV4.exec(address)?.[1]
  return mapped !== undefined && isIP(mapped) === 4 ? mapped : address
}

// Some proxies write `192.0.2.1:4711` or `[2001:db8::1]:4711`.
function withoutPort(entry: string): string {
  const bracketed = /^\[([^\]]*)\](?::[0-9]{1,5})?$/.exec(entry)?.[1]
  return bracketed ?? /^([0-9.]+):[0-9]{1,5}$/.exec(entry)?.[1] ?? entry
}
