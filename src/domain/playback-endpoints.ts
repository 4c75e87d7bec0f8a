/**
 * Addresses that a playback configuration is played through (reference ssai §2.2).
 */
import { createHash } from 'node:crypto'
import type { PlaybackConfiguration } from './playback-configuration.ts'
import type { ServiceIdentity } from './service-identity.ts'

/** Where players of one configuration begin; each ends in a slash, after which the asset is named. */
export type PlaybackEndpoints = {
  readonly hls: string
  readonly dash: string
  readonly session: string
}

/** What of an account shows in addresses: 40 hexadecimal digits. */
export function accountHash(accountId: string): string {
  return createHash('sha1').update(accountId).digest('hex')
}

/** The addresses of a configuration on this server. */
export function playbackEndpoints(
  { publicUrl }: Pick<ServiceIdentity, 'publicUrl'>,
  { accountId, name }: Pick<PlaybackConfiguration, 'accountId' | 'name'>,
): PlaybackEndpoints {
  const prefix = (kind: string): string =>
    `${publicUrl}/v1/${kind}/${accountHash(accountId)}/${encodeURIComponent(name)}/`
  return { hls: prefix('master'), dash: prefix('dash'), session: prefix('session') }
}

/** What the content source of a configuration must be so that channels can use it: all channels begin with it. */
export function contentSourcePrefix({ publicUrl }: Pick<ServiceIdentity, 'publicUrl'>): string {
  return `${publicUrl}/`
}
