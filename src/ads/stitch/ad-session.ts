/**
 * A viewing session that gets ads: what it was decided to see, and what of it was reported.
 */
import type { LiveMedia } from '../../domain/live.ts'
import type { NewViewer } from '../../domain/viewer-ads.ts'
import { MEDIA_TIMESCALE } from '../../media/access-unit.ts'
import type { AdDecision, PodItem } from '../ad-decision.ts'
import type { AdViewer } from '../ad-viewer.ts'
import { beaconTimeline, dueInPiece, type AdPiece, type BeaconTimeline } from '../beacons/beacon-timeline.ts'
import type { PlacedAvail } from '../beacons/tracking-avail.ts'
import type { DueBeacon } from '../beacon.ts'
import { uuidOf } from '../session-uuid.ts'
import type { AdSlot, PlacedEntry, Pod } from './pod.ts'
import type { Program } from './program.ts'
import { sessionAvail } from './session-avail.ts'

/** One session. Outside of breaks it holds little more than its viewer. */
export type AdSession = {
  readonly viewer: AdViewer
  /** Monotonic milliseconds of its last request. */
  lastSeenMs: number
  /** Breaks that it was asked about. */
  breaks: number
  /** Discontinuities of pods that have left all windows. */
  settledDiscontinuities: number
  /** The pods that windows may still show, in order, and what they make together. */
  pods: readonly SessionPod[]
  program: Program | undefined
}

/** A session that has just begun. */
export function newAdSession(
  media: LiveMedia,
  viewer: NewViewer,
  now: { wallMs: number; monotonicMs: number },
): AdSession {
  const { sessionNumber, ...rest } = viewer
  return {
    viewer: {
      ...rest,
      sessionNumber,
      sessionUuid: uuidOf(sessionNumber),
      streamId: media.streamId,
      channelArn: media.channel.arn,
      accountId: media.channel.accountId,
      joinedAtMs: now.wallMs,
    },
    lastSeenMs: now.monotonicMs,
    breaks: 0,
    settledDiscontinuities: 0,
    pods: [],
    program: undefined,
  }
}

type Reports = {
  /** Those of the decision that are in the pod, in order. */
  readonly items: readonly PodItem[]
  readonly fetched: Set<number>
  readonly timelines: Map<number, BeaconTimeline>
}

/** A pod as one session sees it: what is reported and told belongs to the session. */
export class SessionPod {
  readonly pod: Pod
  readonly #decision: AdDecision
  /** Made with the first ad that is fetched: thousands of these are made at one moment. */
  #reports: Reports | undefined
  #unfinished: AdSlot | undefined
  #ownAttributes: Readonly<Record<string, string>> | undefined

  constructor(pod: Pod, decision: AdDecision) {
    this.pod = pod
    this.#decision = decision
  }

  /** What players are told of this session's break; asked for once. */
  ownAttributes(make: () => Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    return (this.#ownAttributes ??= make())
  }

  /** The ads of the break for a player that reports by itself; undefined when there is none. */
  avail(joinedAtMs: number): PlacedAvail | undefined {
    return sessionAvail(this.pod, this.#items(), joinedAtMs)
  }

  /** What has to be reported now that segment `msn` is fetched. */
  due(msn: number): DueBeacon[] {
    if (this.#reports?.fetched.has(msn) === true) return []
    const slot = this.pod.slot(msn)
    const due = this.#finish(slot)
    if (!slot) return due
    this.#reported().fetched.add(msn)
    if (!slot.isLast) this.#unfinished = slot
    const isFirst = slot.segment.msn === slot.entry.from.msn
    const piece = {
      fromMs: milliseconds(slot.fromTicks),
      toMs: milliseconds(slot.toTicks),
      isFirst,
      isLast: slot.isLast,
    }
    return [...due, ...this.#dueIn(slot.entry, piece)]
  }

  /** An ad ended earlier than could be told when its last segment was fetched: what is left of it is due. */
  #finish(next: AdSlot | undefined): DueBeacon[] {
    const last = this.#unfinished
    if (!last || next?.entry === last.entry) return []
    this.#unfinished = undefined
    const following = this.pod.slot(last.segment.msn + 1)
    const hasEnded = following ? following.entry !== last.entry : this.pod.end !== undefined
    if (!hasEnded) return []
    const fromMs = milliseconds(last.toTicks)
    return this.#dueIn(last.entry, { fromMs, toMs: Infinity, isFirst: false, isLast: true })
  }

  #dueIn({ index, adIndex = 0, creative }: PlacedEntry, piece: AdPiece): DueBeacon[] {
    const { items, timelines } = this.#reported()
    const item = items[index]
    if (item?.kind !== 'ad') return []
    let timeline = timelines.get(index)
    if (!timeline) {
      timeline = beaconTimeline(item.ad, milliseconds(creative.durationTicks))
      timelines.set(index, timeline)
    }
    const breakId = this.pod.adBreak.id
    const configurationName = this.#decision.configurationName ?? ''
    return dueInPiece(timeline, piece).map(({ event, urls }) => ({
      breakId,
      adIndex,
      event,
      urls,
      configurationName,
    }))
  }

  #reported(): Reports {
    return (this.#reports ??= { items: this.#items(), fetched: new Set(), timelines: new Map() })
  }

  /** What was not at hand is in no pod. */
  #items(): readonly PodItem[] {
    return this.#decision.items.filter(({ creative }) =>
      this.pod.entries.some((entry) => entry.creative.key === creative.key),
    )
  }
}

function milliseconds(ticks: number): number {
  return (ticks * 1000) / MEDIA_TIMESCALE
}
