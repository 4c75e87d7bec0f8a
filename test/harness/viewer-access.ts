/**
 * Made-up decisions about who may watch, for tests of what delivery does with them.
 */
import type { AccessRequest, ViewerAccess, ViewerRules } from '../../src/domain/viewer-access.ts'

/** Lets everybody watch public channels, and nobody private ones. */
export const closedAccess: ViewerAccess = {
  authorize: ({ stream }) =>
    Promise.resolve(
      stream.channel.authorized
        ? {
            kind: 'refused',
            status: 403,
            code: 'invalid_playback_auth_token',
            message: 'the channel is private',
          }
        : { kind: 'granted', rules: {} },
    ),
  isRevoked: () => false,
  isGuarded: ({ channel }) => channel.authorized,
}

/** Lets everybody in under `rules`, and can revoke. */
export class GrantingAccess implements ViewerAccess {
  /** What was asked, oldest first. */
  readonly requests: AccessRequest[] = []
  readonly #rules: ViewerRules
  readonly #guarded: boolean
  readonly #revoked = new Set<string>()

  constructor(rules: ViewerRules = {}, options: { readonly guarded?: boolean } = {}) {
    this.#rules = rules
    this.#guarded = options.guarded ?? true
  }

  readonly authorize: ViewerAccess['authorize'] = (request) => {
    this.requests.push(request)
    return Promise.resolve({ kind: 'granted', rules: this.#rules })
  }

  readonly isRevoked: ViewerAccess['isRevoked'] = ({ channelArn, viewerId, viewerSessionVersion }) =>
    this.#revoked.has(`${channelArn} ${viewerId} ${viewerSessionVersion}`)

  readonly isGuarded = (): boolean => this.#guarded

  /** From now on the viewer is out. */
  revoke(channelArn: string, viewerId: string, version: number): void {
    this.#revoked.add(`${channelArn} ${viewerId} ${version}`)
  }
}
