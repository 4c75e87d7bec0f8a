/**
 * Headers of requests to the outside: what callers may set, and what goes along to another host.
 */

/** Names may be written in any case. */
export type OutboundHeaders = Readonly<Record<string, string>>

/** What belongs to one connection, or is said by the client itself; and cookies, which are never sent. */
const OWN = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'cookie',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
/** What says something about the viewer or the wish: other hosts get it too. All else may be a secret for one host. */
const PORTABLE = new Set([
  'accept',
  'accept-language',
  'content-encoding',
  'content-type',
  'referer',
  'user-agent',
  'x-device-user-agent',
  'x-device-ip',
  'x-forwarded-for',
])
const ABOUT_BODY = new Set(['content-encoding', 'content-type'])
const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]{1,256}$/
/** What a value may not hold (RFC 9110 §5.5). */
const FORBIDDEN = /[^\t\x20-\x7e\x80-\xff]/g
const MAX_VALUE_CHARS = 8192

/** `headers` with lower-case names and without what may not be sent. */
export function cleanHeaders(headers: OutboundHeaders): Record<string, string> {
  const cleaned: Record<string, string> = { 'user-agent': 'headwater', 'accept-encoding': 'gzip' }
  for (const [name, value] of Object.entries(headers)) {
    const lowerCase = name.toLowerCase()
    if (!NAME.test(lowerCase) || OWN.has(lowerCase)) continue
    cleaned[lowerCase] = value.replace(FORBIDDEN, '').slice(0, MAX_VALUE_CHARS).trim()
  }
  return cleaned
}

/** Those that another host gets after a redirect. */
export function portableHeaders(headers: OutboundHeaders): OutboundHeaders {
  return pick(headers, (name) => PORTABLE.has(name))
}

/** Those of a request that lost its body. */
export function headersWithoutBody(headers: OutboundHeaders): OutboundHeaders {
  return pick(headers, (name) => !ABOUT_BODY.has(name))
}

function pick(headers: OutboundHeaders, keep: (name: string) => boolean): OutboundHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => keep(name.toLowerCase())))
}
