/**
 * The pods of one stream that a window may still show, and the programs that sessions see of them.
 */
import type { AdBreak } from '../../domain/ad-break.ts'
import { SessionPod, type AdSession } from './ad-session.ts'
import { askedOf, type DecidedSession, type ReadyGroup } from './break-run.ts'
import type { GridSegment } from './content-grid.ts'
import { Pod, type PodEntry } from './pod.ts'
import { Program } from './program.ts'

/** Segments kept after they left every window, for readers that are on their way to them. */
const KEPT_AFTER_LISTING = 2

const NO_PODS: readonly SessionPod[] = []

type Running = {
  readonly pod: Pod
  readonly members: readonly DecidedSession[]
  /** How many of them each configuration was asked for. */
  readonly asked: ReadonlyMap<string, number>
  readonly release: () => void
}

/** What was seen of a pod by the viewers that one configuration was asked for. */
export type SeenPod = { readonly pod: Pod; readonly configurationName: string; readonly viewers: number }

/** The pods of one stream. */
export class StreamPods {
  #running: Running[] = []
  readonly #programs = new Map<string, Program>()
  readonly #unobserved = new Set<Running>()
  readonly #onSeen: (seen: SeenPod) => void
  #nextId = 0

  /** @param onSeen called for each pod when it is over. */
  constructor(onSeen: (seen: SeenPod) => void) {
    this.#onSeen = onSeen
  }

  /** Whether there is any. */
  get isEmpty(): boolean {
    return this.#running.length === 0
  }

  /** A segment begins: an ad in the pods that have one for it. */
  extend(segment: GridSegment): void {
    for (const running of this.#running) {
      running.pod.extend(segment)
      if (running.pod.isOver) this.#observe(running)
    }
  }

  /** The content has ended: no pod goes on. */
  stop(): void {
    for (const running of this.#running) {
      running.pod.stop()
      this.#observe(running)
    }
  }

  /**
   * Pods for the sessions of `group`; a session whose ads of the break before still run is left out.
   *
   * @param first what they begin with; undefined when they are laid later.
   */
  create(adBreak: AdBreak, group: ReadyGroup, first: GridSegment | undefined): readonly Pod[] {
    const parts: [DecidedSession[], DecidedSession[]] = [[], []]
    for (const member of group.members) {
      const last = member.session.pods.at(-1)?.pod
      if (last && !last.isOver) continue
      const followsAd = first !== undefined && last?.end?.msn === first.msn
      parts[followsAd ? 1 : 0].push(member)
    }
    const used = parts.filter((members) => members.length > 0)
    let held = Math.max(1, used.length)
    const release = (): void => {
      held--
      if (held === 0) group.release()
    }
    if (used.length === 0) release()
    return used.map((members) => {
      const followsAd = members === parts[1]
      return this.#createOne({ adBreak, group, members, followsAd, first, release })
    })
  }

  /** Forgets what has left all windows, of which the earliest begins with segment `firstMsn`. */
  forgetBefore(firstMsn: number): void {
    for (const running of this.#running) {
      const { pod } = running
      if (pod.isOver && pod.lastMsn < firstMsn - KEPT_AFTER_LISTING) this.#forget(running)
    }
  }

  /** Forgets everything. */
  clear(): void {
    for (const running of this.#running) this.#forget(running)
  }

  #createOne(options: {
    readonly adBreak: AdBreak
    readonly group: ReadyGroup
    readonly members: readonly DecidedSession[]
    readonly followsAd: boolean
    readonly first: GridSegment | undefined
    readonly release: () => void
  }): Pod {
    const { adBreak, group, members, followsAd, first, release } = options
    const { creatives, limitTicks } = group
    const entries = (members[0]?.decision.items ?? []).flatMap((item): PodEntry[] => {
      const creative = creatives.get(item.creative.key)
      return creative ? [{ creative, ad: item.kind === 'ad' ? item.ad : undefined }] : []
    })
    const pod = new Pod({ id: this.#nextId++, adBreak, entries, limitTicks, followsAd })
    if (first) pod.extend(first)
    const programs = new Map<Program | undefined, Program | undefined>()
    // All in one turn of the event loop, thousands of them: nothing is made here that is not needed.
    for (const { session, decision } of members) {
      const before = session.program
      const own = new SessionPod(pod, decision)
      session.pods = session.pods.length === 0 ? [own] : [...session.pods, own]
      if (!programs.has(before)) programs.set(before, this.#programOf(session))
      session.program = programs.get(before)
    }
    const running = { pod, members, asked: askedOf(members), release }
    this.#running = [...this.#running, running]
    this.#unobserved.add(running)
    return pod
  }

  #programOf({ pods }: AdSession): Program | undefined {
    if (pods.length === 0) return undefined
    const key = pods.map(({ pod }) => pod.id).join(' ')
    let program = this.#programs.get(key)
    if (!program) {
      program = new Program(pods.map(({ pod }) => pod))
      this.#programs.set(key, program)
    }
    return program
  }

  #forget(running: Running): void {
    const { pod, members, release } = running
    this.#observe(running)
    this.#running = this.#running.filter((other) => other !== running)
    for (const [key, program] of this.#programs) if (program.pods.includes(pod)) this.#programs.delete(key)
    for (const { session } of members) {
      session.pods = session.pods.length === 1 ? NO_PODS : session.pods.filter((other) => other.pod !== pod)
      session.settledDiscontinuities += pod.introduced.length
      session.program = this.#programOf(session)
    }
    release()
  }

  #observe(running: Running): void {
    if (!this.#unobserved.delete(running)) return
    const { pod, asked } = running
    for (const [configurationName, viewers] of asked) this.#onSeen({ pod, configurationName, viewers })
  }
}
