/**
 * Which pages may play: patterns of origins, as playback tokens and restriction policies write them, and the Origin
 * header beside them (reference ivs-behaviour §7, §8).
 *
 * Spec: RFC 6454 §6 (serialization of an origin: lower case, default port left out).
 */

type Origin = { readonly scheme: string; readonly host: string; readonly port: number }

/** Allows any origin, also the `null` of a page that has none. */
const ANY = '*'
// No slash, question mark, hash or at sign: what follows them would be taken for the end of the host.
const ORIGIN = /^([a-z][a-z0-9+.-]*):\/\/(\[[0-9a-f:.]+\]|[^\s/?#@:[\]]+)(?::([0-9]{1,5}))?$/
const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 }
/** A port that no origin has. */
const UNSAID = -1

/**
 * Whether one of `patterns` allows the Origin header `origin`.
 *
 * A pattern is an origin whose host may begin with `*`, which stands for any characters, or `*` alone. Without a port
 * it means the scheme's own. Patterns of another form allow nothing.
 */
export function isOriginAllowed(patterns: readonly string[], origin: string): boolean {
  if (patterns.includes(ANY) || patterns.length === 0) return patterns.length > 0
  const shown = readOrigin(origin)
  return shown !== undefined && patterns.some((pattern) => allows(readOrigin(pattern), shown))
}

function readOrigin(text: string): Origin | undefined {
  const match = ORIGIN.exec(text.toLowerCase())
  if (!match) return undefined
  const [, scheme = '', host = '', port] = match
  return { scheme, host, port: port === undefined ? (DEFAULT_PORTS[scheme] ?? UNSAID) : Number(port) }
}

function allows(pattern: Origin | undefined, shown: Origin): boolean {
  if (pattern?.scheme !== shown.scheme || pattern.port !== shown.port) return false
  // An asterisk in the header is a character like any other and must not pass for a pattern's own.
  if (shown.host.includes('*')) return false
  return pattern.host.startsWith('*')
    ? shown.host.endsWith(pattern.host.slice(1))
    : shown.host === pattern.host
}
