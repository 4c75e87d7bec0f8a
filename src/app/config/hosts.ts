/**
 * Rules about host names and addresses, without asking the network.
 */
import { isIP } from 'node:net'

const LABEL = /^[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?$/

/** Whether `text` is an IP address (IPv6 without brackets) or a host name (RFC 1123 §2.1, at most 253 characters). */
export function isHostName(text: string): boolean {
  if (isIP(text) !== 0) return true
  return text.length <= 253 && text.split('.').every((label) => LABEL.test(label))
}

/** Whether listening on `host` is reachable from this machine only. */
export function isLoopbackHost(host: string): boolean {
  if (host.toLowerCase() === 'localhost' || host === '::1') return true
  return isIP(host) === 4 && host.startsWith('127.')
}

/** `host` as it stands in a URL: an IPv6 address in brackets. */
export function urlHost(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host
}
