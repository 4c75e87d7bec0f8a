/**
 * What the test pages report about playback. Shared by the pages, which fill it, and the tests, which read it.
 */

/** Reports of every player. */
export type PlayerStats = {
  /** The player's own word for what it does: for hls.js `starting`, `playing`, `paused` or `ended`. */
  readonly state: string
  /** Fatal errors and others, oldest first, at most 50. */
  readonly errors: readonly PlayerError[]
  /** Media seconds ahead of the picture. */
  readonly bufferedS: number
  readonly currentTimeS: number
  readonly droppedFrames: number
  /** Pauses for want of data after playback began. */
  readonly stalls: number
  /** From the call to load until the picture moved, in milliseconds; undefined before that. */
  readonly startupMs: number | undefined
  readonly width: number
  readonly height: number
}

/** One complaint of a player. */
export type PlayerError = { readonly fatal: boolean; readonly what: string }

/** Reports of hls.js. */
export type HlsStats = PlayerStats & {
  /** Seconds from the live edge to the picture, as hls.js reckons. */
  readonly latencyS: number
  readonly targetLatencyS: number | undefined
  /** Wall clock minus the program date-time of the picture: from ingest to the eye; undefined without one. */
  readonly clockLatencyS: number | undefined
  /** End of the newest part, in the player's time. */
  readonly liveEdgeS: number | undefined
  readonly level: number
  /** Heights of the levels that were switched to, oldest first. */
  readonly switches: readonly number[]
  readonly bitrateBps: number
  /** Whether the playlist offers parts and hls.js uses them. */
  readonly usesParts: boolean
}

/** Reports of the IVS player. */
export type IvsStats = PlayerStats & {
  readonly isLiveLowLatency: boolean
  /** The player's own reckoning, seconds; 0 when it has none. */
  readonly liveLatencyS: number
  readonly quality: string
  readonly qualities: readonly string[]
  /** Names of the qualities that were switched to, oldest first. */
  readonly switches: readonly string[]
  /** Wall clock minus the program date-time of the picture, from the player's sync time; undefined without one. */
  readonly clockLatencyS: number | undefined
}
