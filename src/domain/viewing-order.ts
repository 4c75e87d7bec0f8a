/**
 * A request for a channel's multivariant playlist by another address than the channel's own: who came that way watches
 * under the same rules, and brings what his address says about ads.
 */
import type { AdsClaims } from './viewer-access.ts'

/** What became of an order: paths of the session's media playlists, in the order of the multivariant playlist. */
export type OpenedViewing = { readonly streamId: string; readonly playlistPaths: readonly string[] }

/** The playback configuration that guides a player which puts ads in by itself. */
export type GuidingConfiguration = { readonly accountHash: string; readonly configurationName: string }

/** What is asked for, and by whom. */
export type ViewingOrder = {
  readonly channelArn: string
  /** Playback token; it decides who may watch exactly as it does at the channel's own address. */
  readonly token: string | undefined
  /** Number of the viewing session: the same whenever the playlist of that session is asked for. */
  readonly sessionNumber: string
  /** Arguments that the addresses of media playlists carry; delivery has no use for them. */
  readonly playlistQuery: string
  /** Names the addresses of media playlists; undefined for players that are shown ads in their playlists. */
  readonly guidedBy: GuidingConfiguration | undefined
  /** What holds about ads, given what the token says of them. */
  readonly claims: (signed: AdsClaims) => AdsClaims
  /** Called before the answer is sent. */
  readonly onOpened: (viewing: OpenedViewing) => void
  /** Answers in place of a refusal of delivery's own form. */
  readonly refuse: (refusal: { readonly status: number; readonly text: string }) => void
}
