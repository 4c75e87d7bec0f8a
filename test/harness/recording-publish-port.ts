/**
 * A fake session edge for ingest: one channel per stream key, and everything that arrives is kept.
 */
import type { Channel } from '../../src/domain/channel.ts'
import type {
  EndReason,
  PublishedStream,
  Publisher,
  PublisherAnnouncement,
  PublishOutcome,
  PublishPort,
} from '../../src/domain/publishing.ts'
import type { StreamKeyStore } from '../../src/domain/stores.ts'
import type { AccessUnit, MediaTrack } from '../../src/media/access-unit.ts'

/** What one broadcast brought. */
export type RecordedStream = {
  readonly channel: Channel
  readonly publisher: Publisher
  readonly tracks: MediaTrack[]
  readonly units: AccessUnit[]
  /** Tracks and units in the order they came: `track video`, `unit audio` and so on. */
  readonly order: string[]
  readonly announcements: PublisherAnnouncement[]
  readonly texts: string[]
  touches: number
  endReason: EndReason | undefined
  /** Resolves with the reason of the end. */
  readonly ended: Promise<EndReason>
}

const CHANNEL: Omit<Channel, 'arn' | 'id' | 'name' | 'insecureIngest'> = {
  accountId: '000000000000',
  latencyMode: 'LOW',
  type: 'STANDARD',
  preset: '',
  authorized: false,
  containerFormat: 'TS',
  multitrackInput: { enabled: false, policy: 'ALLOW', maximumResolution: 'FULL_HD' },
  recordingConfigurationArn: '',
  playbackRestrictionPolicyArn: '',
  adConfigurationArn: '',
  srtPassphrase: '',
  tags: {},
  createdAtMs: 0,
}

/** Streams of its channels, one at a time each, like a session registry without sessions. */
export class RecordingPublishPort implements PublishPort {
  readonly streams: RecordedStream[] = []
  readonly #live = new Set<string>()
  readonly #waiting: (() => void)[] = []
  /** Refuses every later wish when set. */
  refusal: Extract<PublishOutcome, { kind: 'refused' }>['reason'] | undefined

  readonly open = (channel: Channel, publisher: Publisher): PublishOutcome => {
    if (this.refusal) return { kind: 'refused', reason: this.refusal }
    if (this.#live.has(channel.arn)) return { kind: 'refused', reason: 'already-live' }
    this.#live.add(channel.arn)
    const { recorded, stream } = this.#record(channel, publisher)
    this.streams.push(recorded)
    this.#wake()
    return { kind: 'accepted', stream }
  }

  /** Waits until `isTrue` of what was recorded; looks again whenever something arrives. */
  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  /** The stream that was opened as number `index`, once it is there. */
  async stream(index = 0): Promise<RecordedStream> {
    await this.until(() => this.streams.length > index)
    return this.streams[index]!
  }

  #record(channel: Channel, publisher: Publisher): { recorded: RecordedStream; stream: PublishedStream } {
    const { promise, resolve } = Promise.withResolvers<EndReason>()
    const recorded: RecordedStream = {
      channel,
      publisher,
      tracks: [],
      units: [],
      order: [],
      announcements: [],
      texts: [],
      touches: 0,
      endReason: undefined,
      ended: promise,
    }
    const end = (reason: EndReason): void => {
      if (recorded.endReason) return
      recorded.endReason = reason
      this.#live.delete(channel.arn)
      publisher.disconnect(`ended: ${reason}`)
      resolve(reason)
      this.#wake()
    }
    const stream: PublishedStream = {
      streamId: `st-${this.streams.length}`,
      onTrack: (track) => {
        recorded.tracks.push(track)
        recorded.order.push(`track ${track.kind}`)
        this.#wake()
      },
      onUnit: (unit) => {
        recorded.units.push(unit)
        recorded.order.push(`unit ${unit.kind}`)
        this.#wake()
      },
      onEnd: () => end('unpublished'),
      announce: (announcement) => {
        recorded.announcements.push(announcement)
        this.#wake()
      },
      onText: (text) => {
        recorded.texts.push(text)
        this.#wake()
      },
      touch: () => recorded.touches++,
      end,
    }
    return { recorded, stream }
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

/** Channels by stream key: `secure` wants TLS, `broken` makes the look-up fail, other names in `keys` are open. */
export function keysOf(...keys: readonly string[]): Pick<StreamKeyStore, 'findChannelByValue'> {
  return {
    findChannelByValue: (value) => {
      if (value === 'broken') return Promise.reject(new Error('the store is gone'))
      return Promise.resolve(keys.includes(value) ? channelNamed(value) : undefined)
    },
  }
}

function channelNamed(name: string): Channel {
  const arn = `arn:aws:ivs:us-west-2:000000000000:channel/${name}`
  return { ...CHANNEL, arn, id: name, name, insecureIngest: name !== 'secure' }
}
