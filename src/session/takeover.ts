/**
 * A publisher that asks to take a running stream over: what it sends is held until its tracks are known, and goes into
 * the session when they are like those of the running one (reference ivs-behaviour §4). Until then the running publisher
 * goes on; when the newcomer does not fit, it goes on for good.
 */
import type { Clock, Timer } from '../base/clock.ts'
import type { EndReason, PublishedStream, PublisherAnnouncement } from '../domain/publishing.ts'
import type { AccessUnit, AudioTrack, MediaTrack, VideoTrack } from '../media/access-unit.ts'

/** The tracks of a publisher, as far as they are known. */
export type PublishedTracks = {
  readonly video: VideoTrack | undefined
  readonly audio: AudioTrack | undefined
}

/** The running session, as the newcomer meets it. */
export type TakeoverHost = {
  readonly streamId: string
  readonly clock: Clock
  readonly tracks: () => PublishedTracks
  /** The newcomer fits: what it sends goes to the result from here on. */
  readonly onAccepted: () => PublishedStream
  /** It does not fit, or tells too little of itself. */
  readonly onMismatch: () => void
  /** It left before that was known. */
  readonly onLeft: () => void
}

/** Time the newcomer has to show every track that the running publisher has. */
const MAX_DECISION_MS = 3000
/** What is held of it: more than any publisher may send in that time. */
const MAX_HELD_BYTES = 8 * 1024 * 1024

/** A wish to take over. */
export class Takeover implements PublishedStream {
  readonly streamId: string
  readonly #host: TakeoverHost
  readonly #timer: Timer
  #state: 'waiting' | 'accepted' | 'closed' = 'waiting'
  #stream: PublishedStream | undefined
  #held: ((stream: PublishedStream) => void)[] = []
  #heldBytes = 0
  #tracks: PublishedTracks = { video: undefined, audio: undefined }
  #pictureSeen = false

  constructor(host: TakeoverHost) {
    this.streamId = host.streamId
    this.#host = host
    this.#timer = host.clock.after(MAX_DECISION_MS, () => this.#mismatch())
  }

  /** The session is over: nothing is taken over any more. */
  close(): void {
    this.#timer.cancel()
    this.#state = 'closed'
    this.#held = []
  }

  readonly onTrack = (track: MediaTrack): void => {
    this.#pass((stream) => stream.onTrack(track))
    if (this.#state !== 'waiting') return
    this.#tracks = { ...this.#tracks, [track.kind]: track }
    if (contradicts(this.#host.tracks(), this.#tracks)) this.#mismatch()
    else this.#acceptWhenComplete()
  }

  readonly onUnit = (unit: AccessUnit): void => {
    this.#pass((stream) => stream.onUnit(unit))
    if (this.#state !== 'waiting') return
    this.#heldBytes += unit.data.length
    this.#pictureSeen ||= unit.kind === 'video'
    if (this.#heldBytes > MAX_HELD_BYTES) this.#mismatch()
    else this.#acceptWhenComplete()
  }

  readonly onText = (text: string): void => this.#pass((stream) => stream.onText(text))

  readonly announce = (announcement: PublisherAnnouncement): void =>
    this.#pass((stream) => stream.announce(announcement))

  readonly touch = (): void => this.#stream?.touch()

  readonly onEnd = (): void => this.end('unpublished')

  readonly end = (reason: EndReason): void => {
    if (this.#state === 'waiting') {
      this.close()
      this.#host.onLeft()
    }
    this.#stream?.end(reason)
  }

  #pass(call: (stream: PublishedStream) => void): void {
    if (this.#stream) call(this.#stream)
    else if (this.#state === 'waiting') this.#held.push(call)
  }

  #acceptWhenComplete(): void {
    const { video, audio } = this.#host.tracks()
    const isComplete = (!video || this.#pictureSeen) && (!audio || this.#tracks.audio !== undefined)
    if (!isComplete || (!this.#tracks.video && !this.#tracks.audio)) return
    this.#timer.cancel()
    this.#state = 'accepted'
    const stream = this.#host.onAccepted()
    for (const call of this.#held.splice(0)) call(stream)
    this.#stream = stream
  }

  #mismatch(): void {
    if (this.#state !== 'waiting') return
    this.close()
    this.#host.onMismatch()
  }
}

/** Whether the newcomer has a track that the running one has not, or another picture size. Codecs are always the same here. */
function contradicts(running: PublishedTracks, newcomer: PublishedTracks): boolean {
  if (!running.video && !running.audio) return false
  const { video, audio } = newcomer
  if ((video && !running.video) || (audio && !running.audio)) return true
  if (!video || !running.video) return false
  return video.avc.width !== running.video.avc.width || video.avc.height !== running.video.avc.height
}
