/**
 * Ads on a channel, as an operator puts them there.
 */
import {
  CreateAdConfigurationCommand,
  InsertAdBreakCommand,
  IvsClient,
  UpdateChannelCommand,
} from '@aws-sdk/client-ivs'
import { PutPlaybackConfigurationCommand } from '@aws-sdk/client-mediatailor'
import { mediaTailorClient } from '../../test/harness/ad-set-up.ts'

/** A channel that gets ads. */
export type ChannelAds = {
  /** Announces a break; wall clock at which it was. */
  readonly insertBreak: (durationSeconds: number) => Promise<number>
}

/** Attaches an ad configuration with this ad server to a channel. */
export async function putAdsOn(
  channelArn: string,
  apiUrl: string,
  adDecisionServerUrl: string,
): Promise<ChannelAds> {
  const mediaTailor = mediaTailorClient(apiUrl)
  const { PlaybackConfigurationArn: playbackConfigurationArn } = await mediaTailor.send(
    new PutPlaybackConfigurationCommand({
      Name: 'bench',
      AdDecisionServerUrl: adDecisionServerUrl,
      VideoContentSourceUrl: new URL('/', apiUrl).href,
      InsertionMode: 'PLAYER_SELECT',
    }),
  )
  mediaTailor.destroy()
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' }
  const ivs = new IvsClient({ endpoint: apiUrl, region: 'us-west-2', credentials })
  const { adConfiguration } = await ivs.send(
    new CreateAdConfigurationCommand({
      mediaTailorPlaybackConfigurations: [{ playbackConfigurationArn }],
    }),
  )
  await ivs.send(
    new UpdateChannelCommand({ arn: channelArn, adConfigurationArn: adConfiguration?.arn ?? '' }),
  )
  return {
    insertBreak: async (durationSeconds) => {
      await ivs.send(new InsertAdBreakCommand({ channelArn, durationSeconds }))
      return Date.now()
    },
  }
}
