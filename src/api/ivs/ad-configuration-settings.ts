/**
 * What CreateAdConfiguration and UpdateAdConfiguration take alike.
 */
import { Type } from 'typebox'
import type { TBoolean, TInteger, TObject, TOptional, TString, TUnsafe } from 'typebox'
import { requireUsable } from '../../domain/ad-configuration.ts'
import type { AdConfigurationSettings, PostRoll } from '../../domain/ad-configuration.ts'
import { contentSourcePrefix } from '../../domain/playback-endpoints.ts'
import type { CallContext } from '../operation.ts'
import { flag, resourceName } from './members.ts'
import { pickMembers } from './pick-members.ts'
import { resourceNotFound } from './refusals.ts'

const MAX_ARN_CHARS = 128
const MAX_PLAYBACK_CONFIGURATIONS = 3
const MAX_POST_ROLL_SECONDS = 300

/** MediaTailor playback configurations as a request names them. */
export type PlaybackConfigurationList = readonly { readonly playbackConfigurationArn: string }[]

/** Name of an ad configuration. */
export const adConfigurationName: TOptional<TString> = Type.Optional(resourceName)

/** One to three MediaTailor playback configurations. */
export const playbackConfigurationList: TUnsafe<PlaybackConfigurationList> = Type.Unsafe(
  Type.Array(
    Type.Object({
      playbackConfigurationArn: Type.String({
        maxLength: MAX_ARN_CHARS,
        pattern: '^arn:aws:mediatailor:[a-z0-9-]+:[0-9]+:playbackConfiguration/[a-zA-Z0-9-]+$',
      }),
    }),
    { minItems: 1, maxItems: MAX_PLAYBACK_CONFIGURATIONS },
  ),
)

/** The break after the end of a stream; both members or none. */
export const postRollConfiguration: TOptional<TObject<{ durationSeconds: TInteger; enabled: TBoolean }>> =
  Type.Optional(
    Type.Object({
      durationSeconds: Type.Integer({ minimum: 1, maximum: MAX_POST_ROLL_SECONDS }),
      enabled: flag,
    }),
  )

type SettingsInput = {
  readonly name?: string
  readonly mediaTailorPlaybackConfigurations?: PlaybackConfigurationList
  readonly postRollConfiguration?: PostRoll
}

/** The settings in a request, and nothing else of it. */
export function toAdConfigurationSettings(input: SettingsInput): AdConfigurationSettings {
  const { mediaTailorPlaybackConfigurations: list, postRollConfiguration: postRoll } = input
  return {
    ...pickMembers(input, ['name']),
    ...(list && { playbackConfigurationArns: arnsOf(list) }),
    ...(postRoll && { postRoll: pickMembers(postRoll, ['enabled', 'durationSeconds']) }),
  }
}

/** The ARNs in `list`, in its order. */
export function arnsOf(list: PlaybackConfigurationList): readonly string[] {
  return list.map((item) => item.playbackConfigurationArn)
}

/**
 * Makes sure that the caller's account has the playback configurations, and that channels can use them.
 *
 * @throws {DomainError} `RESOURCE_NOT_FOUND` or `VALIDATION`.
 */
export async function requirePlaybackConfigurations(
  { playbackConfigurations, identity, accountId }: CallContext,
  arns: readonly string[] = [],
): Promise<void> {
  const found = await playbackConfigurations.getMany(accountId, arns)
  const missing = arns.find((arn) => !found.some((configuration) => configuration.arn === arn))
  if (missing !== undefined) throw resourceNotFound(missing)
  requireUsable(found, contentSourcePrefix(identity))
}
