/**
 * The URLs that players fetch, printed and parsed in one place.
 *
 * `/api/video/v1/<region>.<account>.channel.<id>.m3u8` is the multivariant playlist (reference ivs-behaviour §6.1).
 * Below `/v1/playlist/` and `/v1/segment/` everything is opaque to players (§6.4): stream id, rendition, then numbers.
 */
import { formatArn } from '../domain/arn.ts'
import type { ContainerFormat } from '../domain/channel.ts'

/** A request path taken apart. */
export type MediaPath =
  | { readonly kind: 'multivariant'; readonly channelArn: string }
  | { readonly kind: 'playlist'; readonly streamId: string; readonly rendition: string }
  | { readonly kind: 'segment'; readonly streamId: string; readonly rendition: string; readonly msn: number }
  | {
      readonly kind: 'part'
      readonly streamId: string
      readonly rendition: string
      readonly msn: number
      readonly part: number
    }
  | { readonly kind: 'init'; readonly streamId: string; readonly rendition: string; readonly initId: number }

/** Where a rendition's URLs begin. */
export type RenditionAddress = {
  /** Path of the public URL without a trailing slash, often empty. */
  readonly basePath: string
  readonly streamId: string
  readonly rendition: string
  readonly container: ContainerFormat
}

const MULTIVARIANT =
  /^\/api\/video\/v1\/(?:aws\.ivs\.)?([a-z0-9-]{1,64})\.([0-9]{1,20})\.channel\.([a-zA-Z0-9-]{1,64})\.m3u8$/
const PLAYLIST = /^\/v1\/playlist\/(st-[a-zA-Z0-9]{1,64})\/([a-z0-9_]{1,32})\.m3u8$/
const SEGMENT =
  /^\/v1\/segment\/(st-[a-zA-Z0-9]{1,64})\/([a-z0-9_]{1,32})\/(init-)?([0-9]{1,9})(?:\.([0-9]{1,6}))?\.(?:ts|mp4)$/

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
    const [, streamId = '', rendition = ''] = playlist
    return { kind: 'playlist', streamId, rendition }
  }
  const multivariant = MULTIVARIANT.exec(path)
  if (!multivariant) return undefined
  const [, region = '', accountId = '', resourceId = ''] = multivariant
  return {
    kind: 'multivariant',
    channelArn: formatArn({ region, accountId, resourceType: 'channel', resourceId }),
  }
}

function segmentPath(match: RegExpExecArray): MediaPath | undefined {
  const [, streamId = '', rendition = '', init, number = '', part] = match
  if (init !== undefined) {
    return part === undefined ? { kind: 'init', streamId, rendition, initId: Number(number) } : undefined
  }
  if (part === undefined) return { kind: 'segment', streamId, rendition, msn: Number(number) }
  return { kind: 'part', streamId, rendition, msn: Number(number), part: Number(part) }
}

/** Path of a media playlist. */
export function playlistPath(address: Omit<RenditionAddress, 'container'>): string {
  return `${address.basePath}/v1/playlist/${address.streamId}/${address.rendition}.m3u8`
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
  return `${address.basePath}/v1/segment/${address.streamId}/${address.rendition}`
}

function extension(address: RenditionAddress): string {
  return address.container === 'TS' ? 'ts' : 'mp4'
}
