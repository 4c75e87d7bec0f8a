/**
 * Reads the ads of a channel from the stores.
 */
import { adSettingsOf } from '../../domain/playback-configuration.ts'
import type { AdConfigurationStore, ChannelStore, PlaybackConfigurationStore } from '../../domain/stores.ts'
import type { ChannelAdsStore } from './ad-sources.ts'

/** The stores that know something about it. */
export type ChannelAdsStores = {
  readonly channels: Pick<ChannelStore, 'get'>
  readonly adConfigurations: Pick<AdConfigurationStore, 'get'>
  readonly playbackConfigurations: Pick<PlaybackConfigurationStore, 'get' | 'getMany'>
}

/** Follows a channel to its ad configuration, and that to its playback configurations. */
export function storedChannelAds(stores: ChannelAdsStores): ChannelAdsStore {
  return {
    of: async (accountId, channelArn) => {
      const channel = await stores.channels.get(accountId, channelArn)
      if (!channel || channel.adConfigurationArn === '') return undefined
      const configuration = await stores.adConfigurations.get(accountId, channel.adConfigurationArn)
      if (!configuration) return undefined
      const { playbackConfigurationArns, postRoll } = configuration
      const found = await stores.playbackConfigurations.getMany(accountId, playbackConfigurationArns)
      return { configurations: found.map(adSettingsOf), postRoll }
    },
    named: async (accountId, configurationName) => {
      const configuration = await stores.playbackConfigurations.get(accountId, configurationName)
      return configuration && adSettingsOf(configuration)
    },
  }
}
