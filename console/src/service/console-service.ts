/**
 * What the page asks of the server, through the public API alone: the AWS SDK's own client, pointed at the
 * folder this page came from.
 *
 * Calls fail with whatever the SDK throws; `classifyFailure` sorts that.
 */
import {
  GetChannelCommand,
  GetStreamCommand,
  GetStreamKeyCommand,
  GetStreamSessionCommand,
  InsertAdBreakCommand,
  IvsClient,
  ListChannelsCommand,
  ListStreamKeysCommand,
  ListStreamSessionsCommand,
} from '@aws-sdk/client-ivs'
import { fromRecord, type StreamEvent } from '../events/stream-event.ts'
import type { StreamCheck } from '../playback/playback-state.ts'
import { classifyFailure } from './failure.ts'

/** A channel as it appears in the picker. */
export type ChannelChoice = { readonly arn: string; readonly name: string }

/** A channel as the player needs it. */
export type WatchedChannel = ChannelChoice & {
  readonly playbackUrl: string
  readonly lowLatency: boolean
  /** Whether playback needs a token. */
  readonly isPrivate: boolean
  /** Whether the server makes renditions of it. */
  readonly isTranscoded: boolean
  /** Whether ad breaks can be inserted. */
  readonly hasAdConfiguration: boolean
}

/** The server, as this page uses it. */
export type ConsoleService = {
  /** Channels in the server's order, at most `MAX_LISTED_CHANNELS`. */
  readonly listChannels: (signal: AbortSignal) => Promise<readonly ChannelChoice[]>
  readonly findByName: (name: string, signal: AbortSignal) => Promise<ChannelChoice | undefined>
  readonly getChannel: (arn: string, signal: AbortSignal) => Promise<WatchedChannel>
  readonly checkStream: (arn: string, signal: AbortSignal) => Promise<StreamCheck>
  /** The channel's first stream key: a secret. Undefined when it has none. */
  readonly getStreamKey: (channelArn: string) => Promise<string | undefined>
  /** What happened in the channel's last sessions, newest first. */
  readonly recordedEvents: (channelArn: string, signal: AbortSignal) => Promise<readonly StreamEvent[]>
  /** Address of the event stream behind the place `after`; undefined for what is to come. */
  readonly eventsUrl: (after: string | undefined) => URL
  /** Announces a break; its id. */
  readonly insertAdBreak: (channelArn: string, durationSeconds: number) => Promise<string>
}

/** Longest list the picker shows; a channel beyond it is reached by its link. */
export const MAX_LISTED_CHANNELS = 500

const PAGE_SIZE = 100
/** Sessions whose events are shown to a page that was not open when they happened. */
const REMEMBERED_SESSIONS = 3
const REQUEST_TIMEOUT_MS = 6000

/** Connects to the API at `baseUrl`. */
export function createConsoleService(baseUrl: URL): ConsoleService {
  const client = new IvsClient({
    region: 'us-west-2',
    endpoint: baseUrl.href.replace(/\/$/, ''),
    // A server on loopback takes any signature; one that does not will refuse, and the page says so.
    credentials: { accessKeyId: 'console', secretAccessKey: 'console' },
    // The page has its own back-off and shows it.
    maxAttempts: 1,
    requestHandler: { requestTimeout: REQUEST_TIMEOUT_MS },
  })

  return {
    listChannels: async (abortSignal) => {
      const listed: ChannelChoice[] = []
      let nextToken: string | undefined
      do {
        const page = await client.send(new ListChannelsCommand({ maxResults: PAGE_SIZE, nextToken }), {
          abortSignal,
        })
        for (const channel of page.channels ?? []) listed.push(choice(channel))
        nextToken = page.nextToken
      } while (nextToken && listed.length < MAX_LISTED_CHANNELS)
      return listed.slice(0, MAX_LISTED_CHANNELS)
    },

    findByName: async (name, abortSignal) => {
      const page = await client.send(new ListChannelsCommand({ filterByName: name }), { abortSignal })
      const found = page.channels?.[0]
      return found && choice(found)
    },

    getChannel: async (arn, abortSignal) => {
      const { channel = {} } = await client.send(new GetChannelCommand({ arn }), { abortSignal })
      return {
        ...choice({ ...channel, arn }),
        playbackUrl: channel.playbackUrl ?? '',
        lowLatency: channel.latencyMode !== 'NORMAL',
        isPrivate: channel.authorized ?? false,
        isTranscoded: channel.type !== 'BASIC',
        hasAdConfiguration: (channel.adConfigurationArn ?? '') !== '',
      }
    },

    checkStream: async (channelArn, abortSignal) => {
      try {
        const { stream } = await client.send(new GetStreamCommand({ channelArn }), { abortSignal })
        return stream?.state === 'OFFLINE' ? 'offline' : 'live'
      } catch (error) {
        const failure = classifyFailure(error)
        return failure === 'absent' ? 'offline' : failure
      }
    },

    getStreamKey: async (channelArn) => {
      const { streamKeys = [] } = await client.send(new ListStreamKeysCommand({ channelArn }))
      const arn = streamKeys[0]?.arn
      if (arn === undefined) return undefined
      const { streamKey } = await client.send(new GetStreamKeyCommand({ arn }))
      return streamKey?.value
    },

    recordedEvents: async (channelArn, abortSignal) => {
      const listed = new ListStreamSessionsCommand({ channelArn, maxResults: REMEMBERED_SESSIONS })
      const { streamSessions = [] } = await client.send(listed, { abortSignal })
      const records = streamSessions.map(async ({ streamId = '' }) => {
        const asked = new GetStreamSessionCommand({ channelArn, streamId })
        const { streamSession } = await client.send(asked, { abortSignal })
        const events = streamSession?.truncatedEvents ?? []
        return events.map((event, index) => fromRecord(event, streamId, events.length - index))
      })
      return (await Promise.all(records)).flat()
    },

    eventsUrl: (after) => {
      const url = new URL('events', baseUrl)
      if (after !== undefined) url.searchParams.set('after', after)
      return url
    },

    insertAdBreak: async (channelArn, durationSeconds) => {
      const { adBreakId = '' } = await client.send(new InsertAdBreakCommand({ channelArn, durationSeconds }))
      return adBreakId
    },
  }
}

function choice(channel: { arn?: string | undefined; name?: string | undefined }): ChannelChoice {
  return { arn: channel.arn ?? '', name: channel.name ?? '' }
}
