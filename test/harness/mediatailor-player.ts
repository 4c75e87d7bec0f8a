/**
 * A player that speaks MediaTailor over plain HTTP: begins sessions at the addresses that a configuration is answered
 * with, and follows what it is given.
 */
import {
  PutPlaybackConfigurationCommand,
  type PutPlaybackConfigurationCommandInput,
} from '@aws-sdk/client-mediatailor'
import { mediaTailorClient } from './ad-set-up.ts'
import type { TestChannel, TestServer } from './test-server.ts'

/** Where players of a configuration begin, for one channel. */
export type PlayerAddresses = { readonly master: string; readonly session: string }

/** Puts a playback configuration and gives its addresses for `channel`. */
export async function playerAddresses(
  server: Pick<TestServer, 'url'>,
  channel: Pick<TestChannel, 'playbackUrl'>,
  input: PutPlaybackConfigurationCommandInput,
): Promise<PlayerAddresses> {
  const client = mediaTailorClient(server.url('api'))
  const put = await client.send(
    new PutPlaybackConfigurationCommand({ VideoContentSourceUrl: server.url('console'), ...input }),
  )
  client.destroy()
  const asset = new URL(channel.playbackUrl).pathname.slice(1)
  return {
    master: `${put.HlsConfiguration?.ManifestEndpointPrefix ?? ''}${asset}`,
    session: `${put.SessionInitializationEndpointPrefix ?? ''}${asset}`,
  }
}

/** Begins an explicit session; absolute URLs of its playlist and its tracking. */
export async function beginSession(
  url: string,
  body: Readonly<Record<string, unknown>>,
): Promise<{ readonly manifestUrl: string; readonly trackingUrl: string; readonly uuid: string }> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) })
  const answer = (await response.json()) as { readonly manifestUrl: string; readonly trackingUrl: string }
  const manifestUrl = new URL(answer.manifestUrl, url)
  const uuid = manifestUrl.searchParams.get('aws.sessionId') ?? ''
  return { manifestUrl: manifestUrl.href, trackingUrl: new URL(answer.trackingUrl, url).href, uuid }
}

/** Absolute URLs of the lines of a playlist that are no tags. */
export function urlsOf(playlist: string, baseUrl: string): readonly string[] {
  return playlist
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => new URL(line, baseUrl).href)
}

/** The body of a successful answer. */
export async function textOf(url: string): Promise<string> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`)
  return response.text()
}

/**
 * The absolute URLs of an ad's segments in its first rendition, by the playlist of its renditions at `url`: with variables
 * of that address put in (rfc8216bis §4.4.2.3).
 */
export async function segmentsOfAd(url: string): Promise<readonly string[]> {
  const multivariant = await textOf(url)
  const names = [...multivariant.matchAll(/^#EXT-X-DEFINE:QUERYPARAM="(.*)"$/gm)].map(([, name = '']) => name)
  const mediaUrl = urlsOf(multivariant, url)[0] ?? ''
  let media = await textOf(mediaUrl)
  for (const name of names) {
    if (!media.includes(`#EXT-X-DEFINE:IMPORT="${name}"`)) throw new Error(`${name} is not imported`)
    media = media.replaceAll(`{$${name}}`, new URL(url).searchParams.get(name) ?? '')
  }
  return urlsOf(media, mediaUrl)
}
