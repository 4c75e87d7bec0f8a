/**
 * What a publisher sends: what it says of it, and what is measured where it says nothing.
 *
 * Pure; `count` is on the packet path and only adds.
 */
import type { PublisherAnnouncement } from '../domain/publishing.ts'
import type { IngestAudio, IngestConfiguration, IngestVideo } from '../domain/stream-session.ts'
import { MEDIA_TIMESCALE } from '../media/access-unit.ts'
import type { AccessUnit, AudioTrack, MediaTrack, VideoTrack } from '../media/access-unit.ts'
import { avcLevelName, avcProfileName } from '../media/codec/avc-profile.ts'

/** Sums over the units of one kind. */
type Flow = { units: number; bytes: number; firstTicks: number; lastTicks: number }

const BITS_PER_BYTE = 8

/** The meter of one session. */
export class IngestMeter {
  readonly #video: Flow = { units: 0, bytes: 0, firstTicks: 0, lastTicks: 0 }
  readonly #audio: Flow = { units: 0, bytes: 0, firstTicks: 0, lastTicks: 0 }
  #videoTrack: VideoTrack | undefined
  #audioTrack: AudioTrack | undefined
  #announcement: PublisherAnnouncement = {}

  /** Everything that was announced; of facts announced twice the later. */
  get announcement(): PublisherAnnouncement {
    return this.#announcement
  }

  /** Adds what the publisher says about itself. */
  announce(announcement: PublisherAnnouncement): void {
    this.#announcement = { ...this.#announcement, ...announcement }
  }

  /** Takes `track` as the one of its kind from now on. */
  setTrack(track: MediaTrack): void {
    if (track.kind === 'video') this.#videoTrack = track
    else this.#audioTrack = track
  }

  /** Counts a unit that has its place on the session's timeline. */
  count(unit: AccessUnit): void {
    const flow = unit.kind === 'video' ? this.#video : this.#audio
    if (flow.units === 0) flow.firstTicks = unit.dtsTicks
    flow.units++
    flow.bytes += unit.data.length
    flow.lastTicks = unit.dtsTicks
  }

  /** The publisher's tracks; undefined before the first one. */
  describe(): IngestConfiguration | undefined {
    if (!this.#videoTrack && !this.#audioTrack) return undefined
    return {
      videos: this.#videoTrack ? [this.#describeVideo(this.#videoTrack)] : [],
      audios: this.#audioTrack ? [this.#describeAudio(this.#audioTrack)] : [],
    }
  }

  #describeVideo({ avc }: VideoTrack): IngestVideo {
    const { encoder = '', frameRate, videoBitrateBps } = this.#announcement
    return {
      codec: avc.codecString,
      profile: avcProfileName(avc),
      level: avcLevelName(avc),
      width: avc.width,
      height: avc.height,
      frameRate: frameRate ?? avc.frameRate ?? unitsPerSecond(this.#video),
      bitrateBps: videoBitrateBps ?? bitsPerSecond(this.#video),
      encoder,
    }
  }

  #describeAudio({ aac }: AudioTrack): IngestAudio {
    return {
      codec: aac.codecString,
      channels: aac.channels,
      sampleRate: aac.sampleRate,
      bitrateBps: this.#announcement.audioBitrateBps ?? bitsPerSecond(this.#audio),
    }
  }
}

function unitsPerSecond({ units, firstTicks, lastTicks }: Flow): number | undefined {
  if (lastTicks <= firstTicks) return undefined
  return ((units - 1) * MEDIA_TIMESCALE) / (lastTicks - firstTicks)
}

// The last unit lasts as well: as long as the others do on average.
function bitsPerSecond(flow: Flow): number | undefined {
  const rate = unitsPerSecond(flow)
  return rate === undefined ? undefined : Math.round((flow.bytes * BITS_PER_BYTE * rate) / flow.units)
}
