/**
 * How a channel comes into being and changes: defaults, and which settings go together
 * (reference ivs-api §7 CreateChannel and UpdateChannel).
 *
 * Pure apart from drawing random identifiers. Single values are checked before they get here.
 */
import { randomAlphanumeric } from '../base/ids.ts'
import { formatArn } from './arn.ts'
import type { Channel, ChannelType, MultitrackInput, Tags, TranscodePreset } from './channel.ts'
import { DomainError } from './errors.ts'
import { acceptTags } from './tags.ts'

/** What an owner may set on a channel; what is absent keeps its value or its default. */
export type ChannelSettings = Partial<
  Pick<
    Channel,
    | 'name'
    | 'latencyMode'
    | 'type'
    | 'authorized'
    | 'insecureIngest'
    | 'containerFormat'
    | 'recordingConfigurationArn'
    | 'playbackRestrictionPolicyArn'
    | 'adConfigurationArn'
  >
> & {
  readonly preset?: Exclude<TranscodePreset, ''>
  readonly multitrackInput?: Partial<MultitrackInput>
}

/** Whose a new resource is, where, and since when. */
export type Birth = { readonly region: string; readonly accountId: string; readonly nowMs: number }

/** Characters in the last part of a resource's ARN. */
export const RESOURCE_ID_CHARS = 12

const SRT_PASSPHRASE_CHARS = 69

const DEFAULTS = {
  name: '',
  latencyMode: 'LOW',
  type: 'STANDARD',
  preset: '',
  authorized: false,
  insecureIngest: false,
  containerFormat: 'TS',
  multitrackInput: { enabled: false, policy: 'ALLOW', maximumResolution: 'FULL_HD' },
  recordingConfigurationArn: '',
  playbackRestrictionPolicyArn: '',
  adConfigurationArn: '',
} as const satisfies Partial<Channel>

/**
 * A new channel with `settings` and the documented defaults.
 *
 * @throws {DomainError} `VALIDATION` when settings do not go together.
 */
export function newChannel(birth: Birth, settings: ChannelSettings, tags?: Tags): Channel {
  const { region, accountId } = birth
  const id = randomAlphanumeric(RESOURCE_ID_CHARS)
  const blank: Channel = {
    ...DEFAULTS,
    arn: formatArn({ region, accountId, resourceType: 'channel', resourceId: id }),
    accountId,
    id,
    srtPassphrase: randomAlphanumeric(SRT_PASSPHRASE_CHARS),
    tags: acceptTags(tags),
    createdAtMs: birth.nowMs,
  }
  return changeChannel(blank, settings)
}

/**
 * `channel` with `settings` applied; the rules hold for the result.
 *
 * @throws {DomainError} `VALIDATION` when the result's settings do not go together.
 */
export function changeChannel(channel: Channel, settings: ChannelSettings): Channel {
  const type = settings.type ?? channel.type
  const changed: Channel = {
    ...channel,
    ...settings,
    preset: presetFor(type, settings.preset, channel.preset),
    multitrackInput: { ...channel.multitrackInput, ...settings.multitrackInput },
  }
  checkMultitrack(changed, settings.multitrackInput)
  if (changed.adConfigurationArn !== '' && changed.containerFormat === 'FRAGMENTED_MP4') {
    throw new DomainError('VALIDATION', 'adConfigurationArn needs containerFormat TS')
  }
  return changed
}

function presetFor(
  type: ChannelType,
  wanted: TranscodePreset | undefined,
  kept: TranscodePreset,
): TranscodePreset {
  if (type === 'ADVANCED_SD' || type === 'ADVANCED_HD') return wanted ?? (kept || 'HIGHER_BANDWIDTH_DELIVERY')
  if (wanted !== undefined) {
    throw new DomainError('VALIDATION', `preset needs type ADVANCED_SD or ADVANCED_HD; the type is ${type}`)
  }
  return ''
}

function checkMultitrack(channel: Channel, wanted: Partial<MultitrackInput> | undefined): void {
  if (!channel.multitrackInput.enabled) return
  const fault = multitrackFault(channel, wanted)
  if (fault === undefined) return
  throw new DomainError('VALIDATION', `multitrackInputConfiguration.enabled needs ${fault}`)
}

function multitrackFault(channel: Channel, wanted: Partial<MultitrackInput> | undefined): string | undefined {
  if (channel.type !== 'STANDARD') return `type STANDARD; the type is ${channel.type}`
  if (channel.containerFormat !== 'FRAGMENTED_MP4') return 'containerFormat FRAGMENTED_MP4'
  if (!wanted?.enabled) return undefined
  // Whoever switches it on says how: the stored values are only fillers until then.
  if (wanted.policy === undefined) return 'multitrackInputConfiguration.policy'
  if (wanted.maximumResolution === undefined) return 'multitrackInputConfiguration.maximumResolution'
  return undefined
}
