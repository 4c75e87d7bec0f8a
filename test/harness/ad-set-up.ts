/**
 * Puts ads on a channel through the public API alone, as an operator does.
 */
import { CreateAdConfigurationCommand, UpdateChannelCommand } from '@aws-sdk/client-ivs'
import {
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

/** Puts a playback configuration, makes an ad configuration with it, and attaches that to the channel; its ARN. */
export async function setUpAds(
  server: Pick<TestServer, 'client' | 'url'>,
  options: AdSetUpOptions,
): Promise<string> {
  const mediaTailor = mediaTailorClient(server.url('api'))
  const put = await mediaTailor.send(
    new PutPlaybackConfigurationCommand({
      Name: options.name ?? 'test-ads',
      AdDecisionServerUrl: options.adDecisionServerUrl,
      VideoContentSourceUrl: server.url('console'),
      InsertionMode: 'PLAYER_SELECT',
      ...options.more,
    }),
  )
  mediaTailor.destroy()
  const { adConfiguration } = await server.client.send(
    new CreateAdConfigurationCommand({
      mediaTailorPlaybackConfigurations: [{ playbackConfigurationArn: put.PlaybackConfigurationArn }],
      ...(options.postRollSeconds !== undefined && {
        postRollConfiguration: { enabled: true, durationSeconds: options.postRollSeconds },
      }),
    }),
  )
  const adConfigurationArn = adConfiguration?.arn ?? ''
  await server.client.send(new UpdateChannelCommand({ arn: options.channelArn, adConfigurationArn }))
  return adConfigurationArn
}
