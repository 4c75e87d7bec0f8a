/**
 * A private stream whose viewers a test lets in, and the sessions that they get.
 */
import type { ViewerRules } from '../../src/domain/viewer-access.ts'
import { text } from './media-requests.ts'
import { type PackagedStream, type PackagedStreamOptions, startPackagedStream } from './packaged-stream.ts'
import { GrantingAccess } from './viewer-access.ts'

/** Settings of a private channel. */
export const PRIVATE = { authorized: true }

/** The origin of a page that plays. */
export const PAGE = 'https://watch.example.com'

/** Without a good token or session. */
export const INVALID = { status: 403, code: 'invalid_playback_auth_token' }

/** With one, but against a rule. */
export const REFUSED = { status: 403, code: 'playback_auth_error' }

/** A stream and what decides about its viewers. */
export type WatchedStream = { readonly stream: PackagedStream; readonly access: GrantingAccess }

/** A private stream with a few segments, to whose viewers `rules` apply. */
export async function startPrivate(
  rules: ViewerRules = {},
  options: PackagedStreamOptions = {},
): Promise<WatchedStream & AsyncDisposable> {
  const access = new GrantingAccess(rules)
  const stream = await startPackagedStream({ channel: PRIVATE, ...options, access })
  stream.publish(200)
  return { stream, access, [Symbol.asyncDispose]: () => stream[Symbol.asyncDispose]() }
}

/** The media playlist's URL of a new session. */
export async function openSession(
  stream: PackagedStream,
  headers: Record<string, string> = {},
): Promise<string> {
  const playlist = await text(`${stream.playbackUrl}?token=secret.token.text`, headers)
  const uri = playlist.split('\n').find((line) => line.includes('.m3u8')) ?? ''
  return new URL(uri, stream.playbackUrl).href
}

/** Every URL in a media playlist, as players resolve it. */
export function urlsOf(playlist: string, playlistUrl: string): string[] {
  const uris = playlist.split('\n').flatMap((line) => {
    if (line.startsWith('#EXT-X-PREFETCH:')) return [line.slice('#EXT-X-PREFETCH:'.length)]
    if (!line.startsWith('#')) return line === '' ? [] : [line]
    return /URI="([^"]*)"/.exec(line)?.slice(1) ?? []
  })
  return uris.map((uri) => new URL(uri, playlistUrl).href)
}

/** The same request of another session. */
export function withSession(url: string, sessionId: string): string {
  return url.replace(/\/v1\/s\/[^/]+/, `/v1/s/${sessionId}`)
}

/** The session id in the path of a URL. */
export function sessionOf(url: string): string {
  return /\/v1\/s\/([^/]+)/.exec(url)?.[1] ?? ''
}
