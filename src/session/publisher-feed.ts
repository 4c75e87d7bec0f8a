/**
 * One publisher's way into a session. It leads nowhere once another publisher has taken over, so that what a connection
 * still says on its way out cannot harm the stream that goes on without it.
 */
import type { EndReason, PublishedStream, PublisherAnnouncement } from '../domain/publishing.ts'
import type { AccessUnit, MediaTrack } from '../media/access-unit.ts'

/** A publisher's calls, passed on until it is closed. */
export class PublisherFeed implements PublishedStream {
  readonly streamId: string
  readonly #stream: PublishedStream
  #closed = false

  constructor(stream: PublishedStream) {
    this.streamId = stream.streamId
    this.#stream = stream
  }

  /** Passes nothing on from here on. */
  close(): void {
    this.#closed = true
  }

  readonly onTrack = (track: MediaTrack): void => {
    if (!this.#closed) this.#stream.onTrack(track)
  }

  readonly onUnit = (unit: AccessUnit): void => {
    if (!this.#closed) this.#stream.onUnit(unit)
  }

  readonly onText = (text: string): void => {
    if (!this.#closed) this.#stream.onText(text)
  }

  readonly announce = (announcement: PublisherAnnouncement): void => {
    if (!this.#closed) this.#stream.announce(announcement)
  }

  readonly touch = (): void => {
    if (!this.#closed) this.#stream.touch()
  }

  readonly onEnd = (): void => {
    if (!this.#closed) this.#stream.onEnd()
  }

  readonly end = (reason: EndReason): void => {
    if (!this.#closed) this.#stream.end(reason)
  }
}
