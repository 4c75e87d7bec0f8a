/**
 * Ad configurations: where the ads of a channel come from (reference ivs-api §7 CreateAdConfiguration).
 *
 * Pure apart from drawing random identifiers. Inserting ads is not done here.
 */
import type { Birth } from './channel-rules.ts'
import type { Tags } from './channel.ts'
import { DomainError } from './errors.ts'
import { bearResource } from './resource-birth.ts'
import type { BornResource } from './resource-birth.ts'

/** The break after the end of a stream. */
export type PostRoll = {
  readonly enabled: boolean
  /** 1 to 300. */
  readonly durationSeconds: number
}

/** Where ads come from, and whether there are some after the end. */
export type AdConfiguration = BornResource & {
  readonly name: string
  /** ARNs of 1 to 3 MediaTailor playback configurations; the first is for sessions that name none. */
  readonly playbackConfigurationArns: readonly string[]
  readonly postRoll: PostRoll
}

/** What an owner may set; what is absent keeps its value or its default. */
export type AdConfigurationSettings = Partial<
  Pick<AdConfiguration, 'name' | 'playbackConfigurationArns' | 'postRoll'>
>

/** Knows which MediaTailor playback configurations an account has. */
export type PlaybackConfigurationDirectory = {
  readonly exists: (accountId: string, arn: string) => Promise<boolean>
}

const DEFAULT_POST_ROLL: PostRoll = { enabled: false, durationSeconds: 15 }
const PLAYBACK_CONFIGURATION_ARN =
  /^arn:aws:mediatailor:[a-z0-9-]+:([0-9]+):playbackConfiguration\/[a-zA-Z0-9-]+$/

/**
 * A new ad configuration with `settings`.
 *
 * @throws {DomainError} `VALIDATION` when a playback configuration is named twice.
 */
export function newAdConfiguration(
  birth: Birth,
  settings: AdConfigurationSettings & Pick<AdConfiguration, 'playbackConfigurationArns'>,
  tags?: Tags,
): AdConfiguration {
  const blank: AdConfiguration = {
    ...bearResource(birth, 'ad-configuration', tags),
    name: '',
    playbackConfigurationArns: [],
    postRoll: DEFAULT_POST_ROLL,
  }
  return changeAdConfiguration(blank, settings)
}

/**
 * `configuration` with `settings` applied; a list replaces the whole list, in its order.
 *
 * @throws {DomainError} `VALIDATION` when a playback configuration is named twice.
 */
export function changeAdConfiguration(
  configuration: AdConfiguration,
  settings: AdConfigurationSettings,
): AdConfiguration {
  const arns = settings.playbackConfigurationArns ?? []
  const repeated = arns.find((arn, index) => arns.indexOf(arn) !== index)
  if (repeated !== undefined) {
    throw new DomainError('VALIDATION', `mediaTailorPlaybackConfigurations names ${repeated} twice`)
  }
  return { ...configuration, ...settings }
}

/** Takes every well-formed ARN of the asking account for a playback configuration that is there. */
export const everyPlaybackConfiguration: PlaybackConfigurationDirectory = {
  exists: (accountId, arn) => Promise.resolve(PLAYBACK_CONFIGURATION_ARN.exec(arn)?.[1] === accountId),
}
