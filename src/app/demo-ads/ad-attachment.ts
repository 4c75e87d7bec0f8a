/**
 * Puts the demo's ads on its channel: a playback configuration that asks the demo's ad server, an ad configuration with
 * it, and the channel that uses that. Done at every start, because addresses may have changed.
 *
 * What somebody else chose stays: a channel that has other ads, or a container that takes none.
 */
import type { Clock } from '../../base/clock.ts'
import { newAdConfiguration } from '../../domain/ad-configuration.ts'
import { changeChannel, type Birth } from '../../domain/channel-rules.ts'
import { contentSourcePrefix } from '../../domain/playback-endpoints.ts'
import { putPlaybackConfiguration } from '../../domain/playback-configuration-rules.ts'
import type { ServiceIdentity } from '../../domain/service-identity.ts'
import { DEFAULT_SERVICE_LIMITS } from '../../domain/service-limits.ts'
import type { Store } from '../../store/index.ts'

/** Name of both configurations. */
export const DEMO_ADS_NAME = 'demo-ads'
const MAX_LISTED = 100

/** What is put where. */
export type AdAttachmentOptions = {
  readonly store: Pick<Store, 'channels' | 'playbackConfigurations' | 'adConfigurations'>
  readonly identity: ServiceIdentity
  readonly clock: Pick<Clock, 'nowMs'>
  readonly channelArn: string
  /** Template of ad requests. */
  readonly adDecisionServerUrl: string
}

/** Makes and attaches what is missing, and corrects addresses. Nothing happens when the account has no room for it. */
export async function attachDemoAds(options: AdAttachmentOptions): Promise<void> {
  const { store, identity, channelArn } = options
  const configurationArn = await putConfiguration(options)
  const adConfigurationArn = configurationArn && (await ensureAdConfiguration(options, configurationArn))
  if (adConfigurationArn === undefined) return
  await store.channels.update(identity.accountId, channelArn, (channel) =>
    channel.adConfigurationArn === '' && channel.containerFormat === 'TS'
      ? changeChannel(channel, { adConfigurationArn })
      : channel,
  )
}

async function putConfiguration(options: AdAttachmentOptions): Promise<string | undefined> {
  const { store, identity, adDecisionServerUrl } = options
  const document = {
    AdDecisionServerUrl: adDecisionServerUrl,
    VideoContentSourceUrl: contentSourcePrefix(identity),
    InsertionMode: 'PLAYER_SELECT',
  }
  const put = { name: DEMO_ADS_NAME, document, tags: undefined }
  const outcome = await store.playbackConfigurations.put(
    identity.accountId,
    DEMO_ADS_NAME,
    (stored) => putPlaybackConfiguration(birthOf(options), put, stored),
    DEFAULT_SERVICE_LIMITS.playbackConfigurations,
  )
  return outcome === 'over-limit' ? undefined : outcome.arn
}

async function ensureAdConfiguration(
  options: AdAttachmentOptions,
  configurationArn: string,
): Promise<string | undefined> {
  const { adConfigurations } = options.store
  const { items } = await adConfigurations.list(options.identity.accountId, {
    after: undefined,
    limit: MAX_LISTED,
  })
  const found = items.find(({ playbackConfigurationArns: [first] }) => first === configurationArn)
  if (found) return found.arn
  const made = newAdConfiguration(birthOf(options), {
    name: DEMO_ADS_NAME,
    playbackConfigurationArns: [configurationArn],
  })
  const outcome = await adConfigurations.create(made, DEFAULT_SERVICE_LIMITS.adConfigurations)
  return outcome === 'over-limit' ? undefined : made.arn
}

function birthOf({ identity, clock }: AdAttachmentOptions): Birth {
  return { region: identity.region, accountId: identity.accountId, nowMs: clock.nowMs() }
}
