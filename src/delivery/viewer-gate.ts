/**
 * Checks every request for media of a stream: by which viewing session it is made, and whether that session may.
 *
 * Media of an unguarded stream goes to everyone by its shared URLs. A request that names a session is held to the
 * session's rules on every stream. Nothing here waits: revocations and rules of streams are in memory.
 *
 * Spec: reference ivs-behaviour §6.4, §7, §8.
 */
import type { LiveMedia, LiveRendition } from '../domain/live.ts'
import { isOriginAllowed } from '../domain/origins.ts'
import { isWithinResolution } from '../domain/resolution-class.ts'
import type { MaximumResolution, ViewerAccess } from '../domain/viewer-access.ts'
import { audienceOf, EVERYONE, type Audience } from './audience.ts'
import { REFUSALS, type MediaRefusal } from './refusals.ts'
import type { ViewerSession } from './viewer-session.ts'
import type { ViewerSessions } from './viewer-sessions.ts'

/** What the gate says to a request. */
export type Admission =
  | {
      readonly kind: 'admitted'
      /** Undefined when the shared URLs were used. */
      readonly session: ViewerSession | undefined
      readonly audience: Audience
    }
  | { readonly kind: 'refused'; readonly refusal: MediaRefusal }

/** What a request shows. */
export type Shown = { readonly sessionId: string | undefined; readonly origin: string | undefined }

const FREE: Admission = { kind: 'admitted', session: undefined, audience: EVERYONE }

/** Stands before media playlists, segments, parts and init sections. */
export class ViewerGate {
  readonly #sessions: ViewerSessions
  readonly #access: Pick<ViewerAccess, 'isRevoked' | 'isGuarded'>

  constructor(sessions: ViewerSessions, access: Pick<ViewerAccess, 'isRevoked' | 'isGuarded'>) {
    this.#sessions = sessions
    this.#access = access
  }

  /** Lets a request for media of `media` pass, or not. */
  admit(media: LiveMedia, { sessionId, origin }: Shown): Admission {
    if (sessionId === undefined) {
      return this.#access.isGuarded(media) ? refused(REFUSALS.sessionInvalid) : FREE
    }
    const session = this.#sessions.find(sessionId, media.streamId)
    if (!session || this.#isRevoked(session, media)) return refused(REFUSALS.sessionInvalid)
    const refusal = session.strictOrigins && originRefusal(session.strictOrigins, origin)
    if (refusal) return refused(refusal)
    return { kind: 'admitted', session, audience: audienceOf(session, origin) }
  }

  /** Whether a session that was admitted a while ago must not get more: it was revoked meanwhile. */
  isOver(session: ViewerSession | undefined, media: LiveMedia): boolean {
    return session !== undefined && this.#isRevoked(session, media)
  }

  #isRevoked({ viewer }: ViewerSession, { channel }: LiveMedia): boolean {
    if (!viewer) return false
    const { id: viewerId, version: viewerSessionVersion } = viewer
    return this.#access.isRevoked({ channelArn: channel.arn, viewerId, viewerSessionVersion })
  }
}

/** Whether a rendition may be shown where pictures are no larger than `maximum`; unknown sizes may not. */
export function isRenditionAllowed(
  rendition: Pick<LiveRendition, 'description'>,
  maximum: MaximumResolution | undefined,
): boolean {
  if (maximum === undefined) return true
  const description = rendition.description()
  if (!description) return false
  const { width, height } = description
  // Without a picture there is none that is too large.
  return width === undefined || height === undefined || isWithinResolution(maximum, width, height)
}

function originRefusal(allowed: readonly string[], origin: string | undefined): MediaRefusal | undefined {
  if (origin === undefined) return REFUSALS.originMissing
  return isOriginAllowed(allowed, origin) ? undefined : REFUSALS.originOther
}

function refused(refusal: MediaRefusal): Admission {
  return { kind: 'refused', refusal }
}
