/**
 * Targets that may be reached although their addresses are not public: the operator's own ad servers and creatives.
 *
 * Entries are host names, addresses and CIDR blocks, each alone or, but for blocks, with a port. An address or a block
 * also allows every name that leads there; a name allows whatever address it leads to.
 */
import ipaddr from 'ipaddr.js'

type IpAddress = ipaddr.IPv4 | ipaddr.IPv6

type AllowedTarget =
  | { readonly kind: 'name'; readonly name: string; readonly port: number | undefined }
  | {
      readonly kind: 'block'
      readonly network: IpAddress
      readonly prefixBits: number
      readonly port: number | undefined
    }

/** What is allowed beside public addresses. */
export type TargetAllowList = readonly AllowedTarget[]

const MAX_ENTRIES = 1000
const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/
const MAX_NAME_CHARS = 253
const HOST_AND_PORT = /^(?:\[([^\]]+)\]|([^:]+)):([0-9]{1,5})$/
const MAX_PORT = 65_535

/** Reads a list with commas between its entries; undefined when one of them makes no sense. */
export function parseTargetAllowList(text: string): TargetAllowList | undefined {
  const entries = text
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '')
  const targets = entries.map(parseEntry).filter((target) => target !== undefined)
  return targets.length === entries.length && entries.length <= MAX_ENTRIES ? targets : undefined
}

function parseEntry(entry: string): AllowedTarget | undefined {
  if (entry.includes('/')) return parseBlock(entry)
  const [, bracketed, host, portText] = HOST_AND_PORT.exec(entry) ?? []
  const port = portText === undefined ? undefined : Number(portText)
  if (port !== undefined && (port < 1 || port > MAX_PORT)) return undefined
  return parseHost(bracketed ?? host ?? entry.replace(/^\[(.+)\]$/, '$1'), port)
}

function parseBlock(entry: string): AllowedTarget | undefined {
  if (!ipaddr.isValidCIDR(entry)) return undefined
  const [network, prefixBits] = ipaddr.parseCIDR(entry)
  return { kind: 'block', network, prefixBits, port: undefined }
}

function parseHost(host: string, port: number | undefined): AllowedTarget | undefined {
  const network = parseAddress(host)
  if (network) return { kind: 'block', network, prefixBits: network.toByteArray().length * 8, port }
  const isName = host.length <= MAX_NAME_CHARS && host.split('.').every((label) => LABEL.test(label))
  // What ends in a number is an address that is written wrongly.
  return isName && !/(^|\.)[0-9]+$/.test(host) ? { kind: 'name', name: host, port } : undefined
}

/** Whether the host of a URL is allowed by its name, whatever it leads to. */
export function isNameAllowed(list: TargetAllowList, name: string, port: number): boolean {
  return list.some((target) => target.kind === 'name' && target.name === name && isPort(target, port))
}

/** Whether a connection to this address is allowed. */
export function isAddressAllowed(list: TargetAllowList, address: string, port: number): boolean {
  const parsed = parseAddress(address)
  if (!parsed) return false
  return list.some((target) => target.kind === 'block' && isPort(target, port) && isInBlock(parsed, target))
}

function isPort(target: AllowedTarget, port: number): boolean {
  return target.port === undefined || target.port === port
}

function isInBlock(
  address: IpAddress,
  { network, prefixBits }: Extract<AllowedTarget, { kind: 'block' }>,
): boolean {
  return address.kind() === network.kind() && address.match(network, prefixBits)
}

/** An address in its usual form; IPv4 only with four numbers, so that `10.1` is a name like any other. */
export function parseAddress(text: string): IpAddress | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text)
  return ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text) : undefined
}
