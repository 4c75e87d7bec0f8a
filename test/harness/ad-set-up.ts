/**
 * Puts ads on a channel through the public API alone, as an operator does.
 */
import { CreateAdConfigurationCommand, UpdateChannelCommand } from '@aws-sdk/client-ivs'
import {
  ConfigureLogsForPlaybackConfigurationCommand,
  MediaTailorClient,
  PutPlaybackConfigurationCommand,
  type PutPlaybackConfigurationCommandInput,
} from '@aws-sdk/client-mediatailor'
import type { TestServer } from './test-server.ts'

/** What differs from the usual. */
export type AdSetUpOptions = {
  readonly channelArn: string
  /** Template of ad requests. */
  readonly adDecisionServerUrl: string
  /** Of the playback configuration; letters, digits and `-`. Default `test-ads`. */
  readonly name?: string
  /** Further members of the playback configuration. */
  readonly more?: Partial<PutPlaybackConfigurationCommandInput>
  /** Further playback configurations, for sessions whose tokens name them: what differs from the first one. */
  readonly others?: readonly (Partial<PutPlaybackConfigurationCommandInput> & { readonly Name: string })[]
  /** Whether every session is logged. Default false. */
  readonly isLogged?: boolean
  readonly postRollSeconds?: number
}

/** A MediaTailor client for the server at `endpoint`, with credentials that a loopback server accepts. */
export function mediaTailorClient(endpoint: string): MediaTailorClient {
  return new MediaTailorClient({
    endpoint,
    region: 'us-west-2',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
}

/** Puts playback configurations, makes an ad configuration with them, and attaches that to the channel; its ARN. */
export async function setUpAds(
  server: Pick<TestServer, 'client' | 'url'>,
  options: AdSetUpOptions,
): Promise<string> {
  const first: PutPlaybackConfigurationCommandInput = {
    Name: options.name ?? 'test-ads',
    AdDecisionServerUrl: options.adDecisionServerUrl,
    VideoContentSourceUrl: server.url('console'),
    InsertionMode: 'PLAYER_SELECT',
    ...options.more,
  }
  const inputs = [first, ...(options.others ?? []).map((other) => ({ ...first, ...other }))]
  const mediaTailor = mediaTailorClient(server.url('api'))
  const playbackConfigurationArns: (string | undefined)[] = []
  for (const input of inputs) {
    const put = await mediaTailor.send(new PutPlaybackConfigurationCommand(input))
    playbackConfigurationArns.push(put.PlaybackConfigurationArn)
    if (options.isLogged) await logAll(mediaTailor, input.Name)
  }
  mediaTailor.destroy()
  const { adConfiguration } = await server.client.send(
    new CreateAdConfigurationCommand({
      mediaTailorPlaybackConfigurations: playbackConfigurationArns.map((playbackConfigurationArn) => ({
        playbackConfigurationArn,
      })),
      ...(options.postRollSeconds !== undefined && {
        postRollConfiguration: { enabled: true, durationSeconds: options.postRollSeconds },
      }),
    }),
  )
  const adConfigurationArn = adConfiguration?.arn ?? ''
  await server.client.send(new UpdateChannelCommand({ arn: options.channelArn, adConfigurationArn }))
  return adConfigurationArn
}

async function logAll(mediaTailor: MediaTailorClient, name: string | undefined): Promise<void> {
  const input = { PlaybackConfigurationName: name, PercentEnabled: 100 }
  await mediaTailor.send(new ConfigureLogsForPlaybackConfigurationCommand(input))
}
