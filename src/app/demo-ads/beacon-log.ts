/**
 * What the demo's ad server remembers: the last pods it gave out, and which of their beacons came back.
 *
 * Bounded: old pods go, texts from outside are cut, and only known events are kept.
 */
import { randomAlphanumeric } from '../../base/ids.ts'
import type { DemoCreative } from './creative-plan.ts'
import { TRACKED_EVENTS } from './vast-pod.ts'

/** An ad of a pod, and when each of its events was reported first. */
export type LoggedAd = {
  readonly seconds: number
  readonly events: Readonly<Record<string, { readonly atMs: number; readonly times: number }>>
}

/** A pod that was given out. */
export type LoggedPod = {
  readonly id: string
  readonly atMs: number
  /** As the request said. */
  readonly viewer: string
  readonly session: string
  readonly wantedSeconds: number
  readonly ads: readonly LoggedAd[]
}

/** Everything that is remembered, newest pod first. */
export type BeaconReport = {
  readonly pods: readonly LoggedPod[]
  /** Since the start. */
  readonly beacons: number
  /** Beacons of pods that are forgotten, or never were. */
  readonly strays: number
}

/** A beacon as its URL has it. */
export type Beacon = { readonly podId: string; readonly position: number; readonly event: string }

/** The events in the order in which a player causes them. */
export const LOGGED_EVENTS: readonly string[] = ['impression', ...TRACKED_EVENTS, 'error']

const MAX_PODS = 100
const MAX_TEXT_CHARS = 100
const POD_ID_CHARS = 12

type OpenPod = Omit<LoggedPod, 'ads'> & {
  readonly ads: readonly { seconds: number; events: Record<string, { atMs: number; times: number }> }[]
}

/** The memory of one run. */
export class BeaconLog {
  readonly #pods = new Map<string, OpenPod>()
  #beacons = 0
  #strays = 0

  /** Notes a pod that is given out; the id that its beacons have to carry. */
  addPod(
    asked: Pick<LoggedPod, 'viewer' | 'session' | 'wantedSeconds'>,
    creatives: readonly DemoCreative[],
    atMs: number,
  ): string {
    const id = randomAlphanumeric(POD_ID_CHARS)
    const viewer = asked.viewer.slice(0, MAX_TEXT_CHARS)
    const session = asked.session.slice(0, MAX_TEXT_CHARS)
    const ads = creatives.map(({ seconds }) => ({ seconds, events: {} }))
    this.#pods.set(id, { id, atMs, viewer, session, wantedSeconds: asked.wantedSeconds, ads })
    const [oldest] = this.#pods.keys()
    if (this.#pods.size > MAX_PODS && oldest !== undefined) this.#pods.delete(oldest)
    return id
  }

  /** Notes a beacon. */
  addBeacon({ podId, position, event }: Beacon, atMs: number): void {
    this.#beacons++
    const ad = this.#pods.get(podId)?.ads[position - 1]
    if (!ad || !LOGGED_EVENTS.includes(event)) {
      this.#strays++
      return
    }
    const known = ad.events[event]
    if (known) known.times++
    else ad.events[event] = { atMs, times: 1 }
  }

  /** All of it. */
  report(): BeaconReport {
    return { pods: [...this.#pods.values()].reverse(), beacons: this.#beacons, strays: this.#strays }
  }
}
