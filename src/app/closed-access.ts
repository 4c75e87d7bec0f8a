/**
 * Who may watch while nothing can check playback tokens: everybody public channels, nobody private ones.
 */
import type { ViewerAccess } from '../domain/viewer-access.ts'

/** Refuses private channels. */
export const closedAccess: ViewerAccess = {
  authorize: ({ stream }) =>
    Promise.resolve(
      stream.channel.authorized
        ? {
            kind: 'refused',
            status: 403,
            code: 'invalid_playback_auth_token',
            message: 'the channel is private and the token is missing or invalid',
          }
        : { kind: 'granted', rules: {} },
    ),
  isRevoked: () => false,
  isGuarded: ({ channel }) => channel.authorized,
}
