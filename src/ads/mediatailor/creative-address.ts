/**
 * Where the media of conditioned creatives is: `/tm/<account>/<creative>/<file>`. What stands there is the same for
 * everybody and never changes, so that caches may keep it.
 *
 * `<creative>` is the creative's key and the length of it that is played, in ticks of 90 kHz. Files are `asset.m3u8`,
 * `asset_<rendition>.m3u8` and `asset_<rendition>_<number from 00001>.ts`; `reported.m3u8` and `reported_<rendition>.m3u8`
 * are playlists whose segments are fetched where they are reported.
 *
 * Reference: ssai §3.1, §3.10.
 */
import type { ConditionedCreative } from '../creative-library.ts'

/** A file of a creative. */
export type CreativeFile =
  | { readonly kind: 'playlist'; readonly isReported: boolean; readonly rendition: string | undefined }
  | { readonly kind: 'segment'; readonly rendition: string; readonly segment: number }

/** A creative as it is played. */
export type PlayedCreative = Pick<ConditionedCreative, 'key' | 'durationTicks'>

/** An address taken apart. */
export type CreativeAddress = {
  readonly accountHash: string
  readonly creative: PlayedCreative
  readonly file: CreativeFile
}

const ADDRESS = /^\/tm\/([0-9a-f]{40})\/([^/]{1,128})\/([^/]{1,64})$/
const CREATIVE = /^([0-9A-Za-z]{1,100})-([1-9][0-9]{0,11})$/
const PLAYLIST = /^(asset|reported)(?:_([a-z0-9_]{1,32}))?\.m3u8$/
const SEGMENT = /^asset_([a-z0-9_]{1,32})_([0-9]{5})\.ts$/

/** Takes a path without its query apart; undefined when nothing can be there. */
export function parseCreativePath(path: string): CreativeAddress | undefined {
  const [, accountHash = '', folder = '', name = ''] = ADDRESS.exec(path) ?? []
  const creative = parseCreativeFolder(folder)
  const file = parseCreativeFile(name)
  return creative && file ? { accountHash, creative, file } : undefined
}

/** The folder of a creative, with a slash behind it. */
export function creativeFolderPath(basePath: string, accountHash: string, creative: string): string {
  return `${basePath}/tm/${accountHash}/${creative}/`
}

/** The name of a creative's folder. */
export function creativeFolder({ key, durationTicks }: PlayedCreative): string {
  return `${key}-${durationTicks}`
}

/** The creative in the folder called so; undefined for any other name. */
export function parseCreativeFolder(folder: string): PlayedCreative | undefined {
  const [, key, ticks] = CREATIVE.exec(folder) ?? []
  return key === undefined ? undefined : { key, durationTicks: Number(ticks) }
}

/** The file called so; undefined for any other name. */
export function parseCreativeFile(name: string): CreativeFile | undefined {
  const [, rendition, number] = SEGMENT.exec(name) ?? []
  if (rendition !== undefined) {
    const segment = Number(number) - 1
    return segment < 0 ? undefined : { kind: 'segment', rendition, segment }
  }
  const playlist = PLAYLIST.exec(name)
  return playlist
    ? { kind: 'playlist', isReported: playlist[1] === 'reported', rendition: playlist[2] }
    : undefined
}

/** Name of a playlist: of the renditions, or of one of them. */
export function playlistFile(isReported: boolean, rendition?: string): string {
  const name = isReported ? 'reported' : 'asset'
  return rendition === undefined ? `${name}.m3u8` : `${name}_${rendition}.m3u8`
}

/** Name of a segment, by its number from 0. */
export function segmentFile(rendition: string, segment: number): string {
  return `asset_${rendition}_${String(segment + 1).padStart(5, '0')}.ts`
}
