/**
 * Ad configurations as answers show them (reference ivs-api §8, AdConfiguration and AdConfigurationSummary, which have
 * the same members).
 */
import type { AdConfiguration, PostRoll } from '../../domain/ad-configuration.ts'

/** An ad configuration, by itself or in a list. */
export type AdConfigurationShape = Pick<AdConfiguration, 'arn' | 'name' | 'tags'> & {
  readonly mediaTailorPlaybackConfigurations: readonly { readonly playbackConfigurationArn: string }[]
  readonly postRollConfiguration: PostRoll
}

/** Shows an ad configuration. */
export function toAdConfigurationShape(configuration: AdConfiguration): AdConfigurationShape {
  return {
    arn: configuration.arn,
    name: configuration.name,
    mediaTailorPlaybackConfigurations: configuration.playbackConfigurationArns.map(
      (playbackConfigurationArn) => ({ playbackConfigurationArn }),
    ),
    postRollConfiguration: configuration.postRoll,
    tags: configuration.tags,
  }
}
