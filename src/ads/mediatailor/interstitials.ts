/**
 * Ads for players that put them in by themselves: the list of a break's ads, and the beacons that fetching them brings
 * about.
 *
 * Which ads they are is decided when the list is asked for first. Each ad in it is at the address of its creative, with
 * what has to be reported sealed into an argument: so its media can be shared, and any server reports it.
 *
 * Spec: rfc8216bis appendix D. Reference: ssai §3.10, §7.5.
 */
import { MEDIA_TIMESCALE } from '../../media/access-unit.ts'
import type { AdDecision, PodItem } from '../ad-decision.ts'
import type { BeaconSink } from '../beacon.ts'
import { beaconTimeline, dueInPiece, type BeaconTimeline } from '../beacons/beacon-timeline.ts'
import { trackingAvail, type PlacedAd } from '../beacons/tracking-avail.ts'
import type { GuidedAds } from '../stitch/stream-ads.ts'
import {
  creativeFolder,
  creativeFolderPath,
  parseCreativeFile,
  parseCreativeFolder,
  playlistFile,
} from './creative-address.ts'
import { creativePieces, REPORT_ARGUMENTS, type CreativePiece } from './creative-files.ts'
import type { PlayerSession } from './player-sessions.ts'
import type { AdReport, SealedReports } from './sealed-reports.ts'

/** What the ads need. */
export type InterstitialsOptions = {
  readonly guidedAds: (
    streamId: string,
    sessionNumber: string,
    breakId: string,
  ) => Promise<GuidedAds | undefined>
  readonly beacons: BeaconSink
  readonly reports: Pick<SealedReports, 'seal' | 'open'>
  /** Without a trailing slash. */
  readonly publicUrl: string
}

/** A segment of an ad, as its address names it. */
export type ReportedSegment = {
  readonly accountHash: string
  /** The sealed report. */
  readonly sealed: string
  /** From 0. */
  readonly segment: number
  /** Name of the file with its media. */
  readonly file: string
}

/** Where the media of a segment is, and in whose ad. */
export type FoundMedia = {
  /** Below the public URL. */
  readonly path: string
  readonly accountId: string
  readonly configurationName: string
}

const BREAK_ID = /^(?:[A-Za-z0-9]{12}|aws-mediatailor-preroll-1)$/
/** What lies this little behind a segment's end counts as in it. */
const ROUNDING_MS = 20

/** The ads of all sessions that are guided. */
export class Interstitials {
  readonly #options: InterstitialsOptions

  constructor(options: InterstitialsOptions) {
    this.#options = options
  }

  /** The list of a break's ads for `session`; undefined when there is no such break. */
  async list(session: PlayerSession, breakId: string): Promise<Record<string, unknown> | undefined> {
    const { viewing, number } = session
    if (!viewing || !BREAK_ID.test(breakId)) return undefined
    const ads = await this.#options.guidedAds(viewing.streamId, number, breakId)
    if (!ads) return undefined
    const { viewer, decision } = ads
    const isReported = viewer.claims.reportingMode !== 'CLIENT'
    const assets = decision.items.map((item) => ({
      URI: this.#address(session, item, isReported ? reportOf(ads, breakId, item) : undefined),
      DURATION: milliseconds(item.creative.durationTicks) / 1000,
    }))
    return isReported ? { ASSETS: assets } : { ASSETS: assets, TRACKING: trackingOf(decision) }
  }

  /**
   * Reports what is due with a segment that is fetched.
   *
   * @param isFetched false for who only asks whether it is there.
   * @returns where its media is; undefined when there is no such segment.
   */
  async fetched(
    { accountHash, sealed, segment, file }: ReportedSegment,
    isFetched: boolean,
  ): Promise<FoundMedia | undefined> {
    const opened = this.#options.reports.open(sealed)
    const creative = opened && parseCreativeFolder(opened.report.creative)
    const piece = creative && creativePieces(creative)[segment]
    if (!piece || parseCreativeFile(file)?.kind !== 'segment') return undefined
    if (isFetched && !opened.isOld) await this.#report(opened.report, piece)
    const { creative: folder, viewer, configurationName } = opened.report
    const path = creativeFolderPath('', accountHash, folder) + file
    return { path, accountId: viewer.accountId, configurationName }
  }

  #address({ accountHash, configurationName }: PlayerSession, item: PodItem, report?: AdReport): string {
    const { publicUrl, reports } = this.#options
    const folder = creativeFolderPath(publicUrl, accountHash, creativeFolder(item.creative))
    if (!report) return folder + playlistFile(false)
    // Players put the values into addresses without encoding them again (rfc8216bis §4.4.2.3).
    const values = [reports.seal(report), `${publicUrl}/v1`, encodeURIComponent(configurationName)]
    const query = REPORT_ARGUMENTS.map((name, index) => `${name}=${encodeURIComponent(values[index] ?? '')}`)
    return `${folder}${playlistFile(true)}?${query.join('&')}`
  }

  async #report(report: AdReport, piece: CreativePiece): Promise<void> {
    const { viewer, breakId, adIndex, configurationName } = report
    const timeline = report.timeline ?? (await this.#timelineOf(report)) ?? []
    const due = dueInPiece(timeline, {
      fromMs: piece.isFirst ? 0 : milliseconds(piece.fromTicks) + ROUNDING_MS,
      toMs: milliseconds(piece.toTicks) + ROUNDING_MS,
      isFirst: piece.isFirst,
      isLast: piece.isLast,
    })
    this.#options.beacons.due(
      viewer,
      due.map(({ event, urls }) => ({ breakId, adIndex, event, urls, configurationName })),
    )
  }

  /** Of a report that is too long for an address. */
  async #timelineOf({ streamId, viewer, breakId, adIndex }: AdReport): Promise<BeaconTimeline | undefined> {
    const ads = await this.#options.guidedAds(streamId, viewer.sessionNumber, breakId)
    const item = ads?.decision.items.filter(({ kind }) => kind === 'ad')[adIndex]
    return item && timelineOf(item)
  }
}

/** What is reported of an ad; undefined for what is none. */
function reportOf({ viewer, decision }: GuidedAds, breakId: string, item: PodItem): AdReport | undefined {
  const timeline = timelineOf(item)
  if (!timeline) return undefined
  const { sessionNumber, sessionUuid, accountId, address, userAgent, streamId } = viewer
  return {
    viewer: { sessionNumber, sessionUuid, accountId, address, userAgent },
    streamId,
    breakId,
    adIndex: decision.items.filter(({ kind }) => kind === 'ad').indexOf(item),
    configurationName: decision.configurationName ?? '',
    creative: creativeFolder(item.creative),
    timeline,
  }
}

function timelineOf(item: PodItem): BeaconTimeline | undefined {
  return item.kind === 'ad' ? beaconTimeline(item.ad, milliseconds(item.creative.durationTicks)) : undefined
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

function milliseconds(ticks: number): number {
  return (ticks * 1000) / MEDIA_TIMESCALE
}
