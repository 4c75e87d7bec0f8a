/**
 * Ad configurations: where the ads of a channel come from (reference ivs-api §7 CreateAdConfiguration).
 *
 * Pure apart from drawing random identifiers. Inserting ads is not done here.
 */
import type { Birth } from './channel-rules.ts'
import type { Tags } from './channel.ts'
import { DomainError } from './errors.ts'
import { membersOf } from './playback-configuration-document.ts'
import type { PlaybackConfiguration } from './playback-configuration.ts'
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

const DEFAULT_POST_ROLL: PostRoll = { enabled: false, durationSeconds: 15 }
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

/**
 * Makes sure that channels can use the playback configurations: players choose between their modes, and their content is
 * that of this server (reference ssai §1.3).
 *
 * @param sourcePrefix what their content source must be.
 * @throws {DomainError} `VALIDATION`.
 */
export function requireUsable(configurations: readonly PlaybackConfiguration[], sourcePrefix: string): void {
  for (const { name, document } of configurations) {
    const { VideoContentSourceUrl, InsertionMode = 'STITCHED_ONLY' } = membersOf(document)
    const where = `mediaTailorPlaybackConfigurations: the playback configuration ${name}`
    if (VideoContentSourceUrl !== sourcePrefix) {
      throw new DomainError('VALIDATION', `${where} needs VideoContentSourceUrl ${sourcePrefix}`)
    }
    if (InsertionMode !== 'PLAYER_SELECT') {
      throw new DomainError('VALIDATION', `${where} needs InsertionMode PLAYER_SELECT`)
    }
  }
}
