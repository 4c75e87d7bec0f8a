/**
 * The URLs that players fetch, printed and parsed in one place.
 *
 * `/api/video/v1/<region>.<account>.channel.<id>.m3u8` is the multivariant playlist (reference ivs-behaviour §6.1).
 * Below the root `/v1` there are `playlist/` and `segment/`, opaque to players (§6.4): stream id, rendition, then numbers.
 * The same stands below the root `/v1/s/<session id>`, where each request shows by which viewing session it is made, and
 * below `/v1/i-media/<account>/<playback configuration>/<session id>` for those whose players put ads in by themselves
 * (reference ssai §3.1).
 *
 * A playlist below a session's root names media relative to itself, so that one text serves all sessions.
 */
import { formatArn } from '../domain/arn.ts'
import type { ContainerFormat } from '../domain/channel.ts'
import type { GuidingConfiguration } from '../domain/viewing-order.ts'

/** What a path below a root names. */
export type RenditionPath = {
  /** Of the root that the path is below; undefined below the shared one. Anything may stand there. */
  readonly sessionId: string | undefined
  readonly streamId: string
  readonly rendition: string
} & (
  | { readonly kind: 'playlist' }
  | { readonly kind: 'segment'; readonly msn: number }
  | { readonly kind: 'part'; readonly msn: number; readonly part: number }
  | { readonly kind: 'init'; readonly initId: number }
)

/** A request path taken apart. */
export type MediaPath = { readonly kind: 'multivariant'; readonly channelArn: string } | RenditionPath

/** Where a rendition's URLs begin. */
export type RenditionAddress = {
  /** Path or relative reference without a trailing slash, see `sharedRoot`, `sessionRoot` and `RELATIVE_ROOT`. */
  readonly root: string
  readonly streamId: string
  readonly rendition: string
  readonly container: ContainerFormat
}

/** Content type of playlists (reference ivs-behaviour §6.1). */
export const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl'
/** Longest session id that is looked at, in characters: every rule of the longest playback token fits in. */
export const MAX_SESSION_ID_LENGTH = 2560
/** From any media playlist to the root it is below. */
export const RELATIVE_ROOT = '../..'

const MULTIVARIANT =
  /^\/api\/video\/v1\/(?:aws\.ivs\.)?([a-z0-9-]{1,64})\.([0-9]{1,20})\.channel\.([a-zA-Z0-9-]{1,64})\.m3u8$/
const SESSION_FOLDER = '(?:s|i-media/[0-9a-f]{40}/[^/]{1,2048})'
const ROOT = `^/v1(?:/${SESSION_FOLDER}/([A-Za-z0-9_-]{1,${MAX_SESSION_ID_LENGTH}}))?`
const SESSION_ROOT = new RegExp(`^(/v1/${SESSION_FOLDER}/)[^/]*`)
const RENDITION = '(st-[a-zA-Z0-9]{1,64})/([a-z0-9_]{1,32})'
const PLAYLIST = new RegExp(`${ROOT}/playlist/${RENDITION}\\.m3u8$`)
const SEGMENT = new RegExp(
  `${ROOT}/segment/${RENDITION}/(init-)?([0-9]{1,9})(?:\\.([0-9]{1,6}))?\\.(?:ts|mp4)$`,
)
const SESSION_ARGUMENT = new RegExp(`(?:^|&)vs=([A-Za-z0-9_-]{1,${MAX_SESSION_ID_LENGTH}})(?:&|$)`)

/** Whether `path` is one that `parseMediaPath` may know; everything else belongs to others. */
export function isMediaPath(path: string): boolean {
  return path.startsWith('/v1/') || path.startsWith('/api/video/')
}

/** Takes a request path (without query) apart; undefined when it is none of ours. */
export function parseMediaPath(path: string): MediaPath | undefined {
  const segment = SEGMENT.exec(path)
  if (segment) return segmentPath(segment)
  const playlist = PLAYLIST.exec(path)
  if (playlist) {
    const [, sessionId, streamId = '', rendition = ''] = playlist
    return { kind: 'playlist', sessionId, streamId, rendition }
  }
  const multivariant = MULTIVARIANT.exec(path)
  if (!multivariant) return undefined
  const [, region = '', accountId = '', resourceId = ''] = multivariant
  return {
    kind: 'multivariant',
    channelArn: formatArn({ region, accountId, resourceType: 'channel', resourceId }),
  }
}

function segmentPath(match: RegExpExecArray): RenditionPath | undefined {
  const [, sessionId, streamId = '', rendition = '', init, number = '', part] = match
  if (init !== undefined) {
    return part === undefined
      ? { kind: 'init', sessionId, streamId, rendition, initId: Number(number) }
      : undefined
  }
  if (part === undefined) return { kind: 'segment', sessionId, streamId, rendition, msn: Number(number) }
  return { kind: 'part', sessionId, streamId, rendition, msn: Number(number), part: Number(part) }
}

/** The session id that a request below the shared root carries for counting. */
export function sessionArgument(query: string): string | undefined {
  return query === '' ? undefined : SESSION_ARGUMENT.exec(query)?.[1]
}

/**
 * The root whose URLs are the same for everyone.
 *
 * @param basePath path of the public URL without a trailing slash, often empty.
 */
export function sharedRoot(basePath: string): string {
  return `${basePath}/v1`
}

/**
 * The root below which every request carries `sessionId`.
 *
 * @param guidedBy hashed account and playback configuration of a player that puts ads in by itself.
 */
export function sessionRoot(basePath: string, sessionId: string, guidedBy?: GuidingConfiguration): string {
  const folder = guidedBy
    ? `i-media/${guidedBy.accountHash}/${encodeURIComponent(guidedBy.configurationName)}`
    : 's'
  return `${sharedRoot(basePath)}/${folder}/${sessionId}`
}

/** `path` without the session id that it may carry. */
export function withoutSessionId(path: string): string {
  return path.replace(SESSION_ROOT, '$1***')
}

/** Path of a media playlist. */
export function playlistPath(address: Omit<RenditionAddress, 'container'>): string {
  return `${address.root}/playlist/${address.streamId}/${address.rendition}.m3u8`
}

/** A shared media playlist's path with the session that fetches it: an argument that changes nothing but the counting. */
export function countedPlaylistPath(address: Omit<RenditionAddress, 'container'>, sessionId: string): string {
  return `${playlistPath(address)}?vs=${sessionId}`
}

/** Path of segment `msn`. */
export function segmentUri(address: RenditionAddress, msn: number): string {
  return `${segmentFolder(address)}/${msn}.${extension(address)}`
}

/** Path of one part of segment `msn`. */
export function partUri(address: RenditionAddress, msn: number, part: number): string {
  return `${segmentFolder(address)}/${msn}.${part}.${extension(address)}`
}

/** Path of an init section. */
export function initUri(address: RenditionAddress, initId: number): string {
  return `${segmentFolder(address)}/init-${initId}.mp4`
}

function segmentFolder(address: RenditionAddress): string {
  return `${address.root}/segment/${address.streamId}/${address.rendition}`
}

function extension(address: RenditionAddress): string {
  return address.container === 'TS' ? 'ts' : 'mp4'
}
