/**
 * Port between delivery and playback authorization: who may watch, under which rules, and what is refused.
 */
import type { LiveMedia } from './live.ts'
import type { AdSettings } from './playback-configuration.ts'

/** Why a viewer is refused. */
export type AccessRefusal = {
  /** 503 when it cannot be decided now. */
  readonly status: 403 | 429 | 503
  /** `error_code` of the answer, e.g. `invalid_playback_auth_token` (reference ivs-behaviour §6.2). */
  readonly code: string
  /** For people; tells nothing that helps to guess. */
  readonly message: string
}

/** Largest rendition a viewer may get (reference ivs-behaviour §7, `aws:maximum-resolution`). */
export type MaximumResolution = 'SD' | 'HD' | 'FULL_HD'

/** What of a playback token concerns ads; kept for the ad side. */
export type AdsClaims = {
  readonly optOut?: boolean
  readonly playerParams?: Readonly<Record<string, string>>
  readonly playbackConfigName?: string
  readonly reportingMode?: 'CLIENT' | 'SERVER'
  /** Set for who came by an address of a playback configuration; never said by a token. */
  readonly direct?: DirectAds
}

/** What an address of a playback configuration says about the ads of who comes by it. */
export type DirectAds = {
  /** The configuration, of the channel's account: it is asked in place of those of the channel's ad configuration. */
  readonly configurationName: string
  /** Path below which the asset lists of breaks are, for players that put ads in by themselves; undefined for all others. */
  readonly interstitialsPath: string | undefined
  /** Such a player's ads are decided when a break is announced, and not when it asks. */
  readonly isGuidedAhead?: boolean
  /** Longest break before the stream; undefined when the configuration has none. */
  readonly preRollSeconds?: number | undefined
  /** In place of the configuration's own. */
  readonly suppression?: AdSettings['suppression'] | undefined
}

/** The rules that hold for one viewing session, fixed when it was authorized. */
export type ViewerRules = {
  /** Set when running playback can be revoked. */
  readonly viewerId?: string
  /** A safe integer; 0 when the token names none. */
  readonly viewerSessionVersion?: number
  /**
   * Patterns for `isOriginAllowed`: every request must show an origin that one of them allows. Undefined when only the
   * first request was checked.
   */
  readonly strictOrigins?: readonly string[]
  readonly maximumResolution?: MaximumResolution
  readonly ads?: AdsClaims
}

/** A running stream, as far as access depends on it. */
export type WatchedStream = Pick<LiveMedia, 'streamId' | 'channel'>

/** A request for a multivariant playlist, as far as access depends on it. */
export type AccessRequest = {
  readonly stream: WatchedStream
  /** Value of the `token` argument as it was sent; undefined when there is none. */
  readonly token: string | undefined
  /** The Origin header. */
  readonly origin: string | undefined
  /** Address of the viewer, behind trusted proxies. */
  readonly viewerAddress: string
}

/** What became of it. */
export type AccessOutcome =
  { readonly kind: 'granted'; readonly rules: ViewerRules } | ({ readonly kind: 'refused' } & AccessRefusal)

/** A viewing session that can be revoked. */
export type RevocableSession = {
  readonly channelArn: string
  readonly viewerId: string
  readonly viewerSessionVersion: number
}

/** Decides who may watch. */
export type ViewerAccess = {
  /** Decides at the multivariant playlist, and nowhere else: a single-use token is spent by it. Never rejects. */
  readonly authorize: (request: AccessRequest) => Promise<AccessOutcome>
  /** Whether the session was revoked. Asked for every request of it, so it answers at once, from memory. */
  readonly isRevoked: (session: RevocableSession) => boolean
  /**
   * Whether media of the running stream goes to authorized sessions only: its channel is private, or a policy wants the
   * origin of every request. Answers at once, and true while the rules of the stream are not known.
   */
  readonly isGuarded: (stream: WatchedStream) => boolean
}
