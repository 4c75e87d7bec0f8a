/**
 * The slate and the bumpers of one viewer, when their URLs hold variables with aliases.
 *
 * Only what the operator listed counts: with any other value each viewer could have videos prepared that nobody else sees.
 *
 * Reference: ssai §3.2 (aliases), §3.4.
 */
import type { AdSettings } from '../../domain/playback-configuration.ts'
import type { AdViewer } from '../ad-viewer.ts'

const VARIABLE = /\[player_params\.([^[\]]{1,200})\]/g
const FILLERS = ['slateUrl', 'bumperStartUrl', 'bumperEndUrl'] as const

/** The same settings with what the aliases mean in place of the variables; a URL with one that means nothing is left out. */
export function withFilledFillers(settings: AdSettings, viewer: Pick<AdViewer, 'claims'>): AdSettings {
  if (!FILLERS.some((filler) => settings[filler]?.includes('[player_params.'))) return settings
  const filled = FILLERS.map((filler) => [filler, fill(settings[filler], settings.aliases, viewer)] as const)
  return { ...settings, ...Object.fromEntries(filled) }
}

function fill(
  url: string | undefined,
  aliases: AdSettings['aliases'],
  { claims }: Pick<AdViewer, 'claims'>,
): string | undefined {
  const meaningOf = (name: string): string | undefined => {
    const alias = ownValue(claims.playerParams ?? {}, name)
    const meanings = ownValue(aliases, `player_params.${name}`)
    return meanings && alias !== undefined ? ownValue(meanings, alias) : undefined
  }
  const names = [...(url ?? '').matchAll(VARIABLE)].map(([, name = '']) => name)
  if (names.some((name) => meaningOf(name) === undefined)) return undefined
  return url?.replace(VARIABLE, (_variable, name: string) => meaningOf(name) ?? '')
}

function ownValue<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}
