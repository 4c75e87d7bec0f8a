/**
 * Ads for players that put them in by themselves: the list of a break's ads, each ad as a playlist of its own, and the
 * beacons that its segments bring about.
 *
 * Below a session's path stand `<break>` for the list, then `<break>/<ad>.m3u8`, `<break>/<ad>/<rendition>.m3u8` and
 * `<break>/<ad>/<rendition>/<segment>.ts`. Which ads they are is decided when the list is asked for first.
 *
 * Spec: rfc8216bis appendix D. Reference: ssai §3.10, §7.5.
 */
import type { LiveMedia } from '../../domain/live.ts'
import { MEDIA_TIMESCALE } from '../../media/access-unit.ts'
import type { AdDecision, PodItem } from '../ad-decision.ts'
import type { BeaconSink } from '../beacon.ts'
import { beaconTimeline, dueInPiece } from '../beacons/beacon-timeline.ts'
import { trackingAvail, type PlacedAd } from '../beacons/tracking-avail.ts'
import type { CreativeLibrary, LoadedCreative } from '../creative-library.ts'
import type { GuidedAds } from '../stitch/stream-ads.ts'
import {
  creativeMultivariant,
  creativePieces,
  creativePlaylist,
  CreativeSegments,
  type CreativePiece,
} from './creative-files.ts'
import { playerPath } from './player-address.ts'
import { sendBody, sendJson, type PlayerExchange } from './player-answers.ts'
import type { PlayerSession } from './player-sessions.ts'

/** What the ads need. */
export type InterstitialsOptions = {
  readonly guidedAds: (
    streamId: string,
    sessionNumber: string,
    breakId: string,
  ) => Promise<GuidedAds | undefined>
  readonly library: Pick<CreativeLibrary, 'load'>
  readonly mediaOf: (streamId: string) => LiveMedia | undefined
  readonly beacons: BeaconSink
  /** Without a trailing slash. */
  readonly publicUrl: string
  readonly maxSegmentBytes: number
}

type Wanted = {
  readonly breakId: string
  readonly index: number | undefined
  readonly rendition: string | undefined
  readonly segment: number | undefined
}

type Pod = GuidedAds & { readonly breakId: string }

const WANTED =
  /^([A-Za-z0-9]{12}|aws-mediatailor-preroll-1)(?:\/([0-9]{1,2})(?:\/([a-z0-9_]{1,32})(?:\/([0-9]{1,3}))?)?(\.m3u8|\.ts))?$/
const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl'
const SEGMENT_TYPE = 'video/mp2t'
/** What lies this little behind a segment's end counts as in it. */
const ROUNDING_MS = 20

/** The ads of all sessions that are guided. */
export class Interstitials {
  readonly #options: InterstitialsOptions
  readonly #segments: CreativeSegments

  constructor(options: InterstitialsOptions) {
    this.#options = options
    this.#segments = new CreativeSegments(options.maxSegmentBytes)
  }

  /** Answers with what stands at `path` below the session's own; false when there is nothing. */
  async answer(exchange: PlayerExchange, session: PlayerSession, path: string): Promise<boolean> {
    const wanted = parseWanted(path)
    const { viewing, number } = session
    if (!wanted || !viewing) return false
    const ads = await this.#options.guidedAds(viewing.streamId, number, wanted.breakId)
    if (!ads) return false
    if (wanted.index === undefined) {
      sendJson(exchange, this.#list(session, { ...ads, breakId: wanted.breakId }))
      return true
    }
    const item = ads.decision.items[wanted.index]
    const media = this.#options.mediaOf(viewing.streamId)
    return item && media
      ? this.#file(exchange, { ...ads, breakId: wanted.breakId }, { wanted, item, media })
      : false
  }

  #list(session: PlayerSession, { breakId, viewer, decision }: Pod): Record<string, unknown> {
    const { accountHash, configurationName, uuid } = session
    const uriOf = (index: number): string =>
      playerPath(this.#options.publicUrl, {
        kind: 'interstitials',
        accountHash,
        configurationName,
        rest: `${uuid}/${breakId}/${index}.m3u8`,
      })
    const assets = decision.items.map(({ creative }, index) => ({
      URI: uriOf(index),
      DURATION: milliseconds(creative.durationTicks) / 1000,
    }))
    if (viewer.claims.reportingMode !== 'CLIENT') return { ASSETS: assets }
    return { ASSETS: assets, TRACKING: trackingOf(decision) }
  }

  async #file(
    exchange: PlayerExchange,
    pod: Pod,
    { wanted, item, media }: { readonly wanted: Wanted; readonly item: PodItem; readonly media: LiveMedia },
  ): Promise<boolean> {
    const held = await this.#options.library.load(item.creative.key)
    if (!held) return false
    try {
      // A slate may be shorter here than its own media.
      const creative = { ...held.media, durationTicks: item.creative.durationTicks }
      const { rendition, segment } = wanted
      if (rendition === undefined) {
        const playlist = creativeMultivariant(creative, media.renditions, String(wanted.index))
        sendBody(exchange, PLAYLIST_TYPE, playlist)
        return true
      }
      if (!creative.renditions.has(rendition)) return false
      if (segment === undefined) {
        sendBody(exchange, PLAYLIST_TYPE, creativePlaylist(creative, rendition))
        return true
      }
      return this.#segment(exchange, pod, { item, creative, rendition, segment })
    } finally {
      held.release()
    }
  }

  #segment(
    exchange: PlayerExchange,
    pod: Pod,
    of: {
      readonly item: PodItem
      readonly creative: LoadedCreative
      readonly rendition: string
      readonly segment: number
    },
  ): boolean {
    const { item, creative, rendition } = of
    const piece = creativePieces(creative)[of.segment]
    const media = creative.renditions.get(rendition)
    if (!piece || !media) return false
    if (exchange.request.method === 'GET') this.#report(pod, item, piece)
    sendBody(exchange, SEGMENT_TYPE, this.#segments.get(`${creative.key} ${rendition}`, media, piece))
    return true
  }

  #report({ breakId, viewer, decision }: Pod, item: PodItem, piece: CreativePiece): void {
    if (item.kind !== 'ad' || viewer.claims.reportingMode === 'CLIENT') return
    const adIndex = decision.items.filter(({ kind }) => kind === 'ad').indexOf(item)
    const timeline = beaconTimeline(item.ad, milliseconds(item.creative.durationTicks))
    const due = dueInPiece(timeline, {
      fromMs: piece.isFirst ? 0 : milliseconds(piece.fromTicks) + ROUNDING_MS,
      toMs: milliseconds(piece.toTicks) + ROUNDING_MS,
      isFirst: piece.isFirst,
      isLast: piece.isLast,
    })
    const configurationName = decision.configurationName ?? ''
    this.#options.beacons.due(
      viewer,
      due.map(({ event, urls }) => ({ breakId, adIndex, event, urls, configurationName })),
    )
  }
}

/** Times count from the break's beginning, and segments from that of each ad: they are no part of the stream's own. */
function trackingOf({ items }: AdDecision): Record<string, unknown> {
  let startMs = 0
  const ads: PlacedAd[] = []
  for (const item of items) {
    const mediaDurationMs = milliseconds(item.creative.durationTicks)
    const segments = creativePieces(item.creative).map(({ fromTicks, toTicks }, msn) => ({
      msn,
      durationMs: milliseconds(toTicks - fromTicks),
    }))
    if (item.kind === 'ad') ads.push({ ad: item.ad, mediaDurationMs, startMs, segments })
    startMs += mediaDurationMs
  }
  return { avails: ads.length === 0 ? [] : [trackingAvail({ ads })] }
}

function parseWanted(path: string): Wanted | undefined {
  const match = WANTED.exec(path)
  if (!match) return undefined
  const [, breakId = '', index, rendition, segment, extension] = match
  if ((segment !== undefined) !== (extension === '.ts')) return undefined
  return { breakId, index: numberOf(index), rendition, segment: numberOf(segment) }
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text)
}

function milliseconds(ticks: number): number {
  return (ticks * 1000) / MEDIA_TIMESCALE
}
