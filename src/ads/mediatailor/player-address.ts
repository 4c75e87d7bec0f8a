/**
 * The addresses at which players speak MediaTailor with this server, taken apart.
 *
 * All have the hashed account in second place, which tells them apart from other media addresses. Those of media playlists
 * with ads for the player to put in are delivery's.
 *
 * Reference: ssai §3.1, §3.10.
 */

/** What an address is for. */
export type PlayerAddressKind =
  | 'session'
  | 'master'
  | 'manifest'
  | 'segment'
  | 'tracking'
  | 'interstitials'
  // Of the service, and not offered here.
  | 'dash'
  | 'dashsegment'

/** An address taken apart. */
export type PlayerAddress = {
  readonly kind: PlayerAddressKind
  /** 40 hexadecimal digits. */
  readonly accountHash: string
  readonly configurationName: string
  /** What follows, without a slash before it: an asset, or a session and what of it. */
  readonly rest: string
}

const ADDRESS =
  /^\/v1\/(session|master|manifest|segment|tracking|interstitials|dash|dashsegment)\/([0-9a-f]{40})\/([^/]{1,2048})\/(.{1,8192})$/

/** Takes a path without its query apart; undefined when it is for someone else. */
export function parsePlayerAddress(path: string): PlayerAddress | undefined {
  const [, kind, accountHash = '', name = '', rest = ''] = ADDRESS.exec(path) ?? []
  const configurationName = decoded(name)
  if (kind === undefined || configurationName === undefined) return undefined
  return { kind: kind as PlayerAddressKind, accountHash, configurationName, rest }
}

/** The path of an address, below the path of the public URL. */
export function playerPath(basePath: string, address: PlayerAddress): string {
  const { kind, accountHash, configurationName, rest } = address
  return `${basePath}/v1/${kind}/${accountHash}/${encodeURIComponent(configurationName)}/${rest}`
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
