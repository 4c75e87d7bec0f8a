/**
 * How a playback configuration comes into being, and which of its members go together (reference ssai §2.1).
 *
 * Single values are checked before they get here.
 */
import type { Birth } from './channel-rules.ts'
import type { Tags } from './channel.ts'
import { DomainError } from './errors.ts'
import { membersOf } from './playback-configuration-document.ts'
import type {
  PlaybackConfigurationDocument,
  PlaybackConfigurationMembers,
} from './playback-configuration-document.ts'
import type { PlaybackConfiguration } from './playback-configuration.ts'
import { acceptTags } from './tags.ts'

/** What is put: everything but the tags, which stay as they are when a configuration is replaced without any. */
export type PutPlaybackConfiguration = {
  readonly name: string
  readonly document: PlaybackConfigurationDocument
  readonly tags: Tags | undefined
}

const LIVE_TIMEOUTS = [
  'AdsRequestTimeoutMilliseconds',
  'LiveMaximumAdsPersonalizationTimeMilliseconds',
  'VodMaximumAdsPersonalizationTimeMilliseconds',
] as const
const PREFETCH_TIMEOUTS = [
  'PrefetchAdsRequestTimeoutMilliseconds',
  'PrefetchMaximumAdsPersonalizationTimeMilliseconds',
] as const
/** Headers that say how a message is sent, not what it says: whoever sends it sets them. */
const CONNECTION_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * The configuration after a put: a new one, or `stored` with another document.
 *
 * What is logged is configured by itself and stays.
 *
 * @throws {DomainError} `VALIDATION` when members do not go together, or the tags break the rules for tags.
 */
export function putPlaybackConfiguration(
  birth: Birth,
  put: PutPlaybackConfiguration,
  stored: PlaybackConfiguration | undefined,
): PlaybackConfiguration {
  // Such steps of a path lead elsewhere.
  if (put.name === '.' || put.name === '..') throw refusal('Name must not be . or ..')
  checkDocument(membersOf(put.document))
  const { region, accountId, nowMs } = birth
  const kept = stored ?? {
    arn: playbackConfigurationArn(region, accountId, put.name),
    accountId,
    name: put.name,
    tags: {},
    createdAtMs: nowMs,
    document: {},
  }
  const { LogConfiguration } = membersOf(kept.document)
  return {
    ...kept,
    tags: put.tags === undefined ? kept.tags : acceptTags(put.tags),
    document: { ...put.document, ...(LogConfiguration && { LogConfiguration }) },
  }
}

/** ARN of the configuration called `name`. */
export function playbackConfigurationArn(region: string, accountId: string, name: string): string {
  return `arn:aws:mediatailor:${region}:${accountId}:playbackConfiguration/${name}`
}

function checkDocument(members: PlaybackConfigurationMembers): void {
  checkTimeouts(members)
  checkSuppression(members)
  checkHttpRequest(members)
  checkHosts(members)
}

function checkTimeouts({ AdsPersonalizationTimeouts: timeouts }: PlaybackConfigurationMembers): void {
  if (!timeouts) return
  for (const names of [LIVE_TIMEOUTS, PREFETCH_TIMEOUTS]) {
    const values = names.map((name) => timeouts[name])
    if (values.every((value) => value === undefined)) continue
    const missing = names.find((name) => timeouts[name] === undefined)
    if (missing) throw refusal(`AdsPersonalizationTimeouts needs ${missing}: ${names.join(', ')} go together`)
    const [single, ...totals] = values
    if (totals.some((total) => Number(total) < Number(single))) {
      throw refusal(`AdsPersonalizationTimeouts.${names[0]} must be at most ${names.slice(1).join(' and ')}`)
    }
  }
}

function checkSuppression({ AvailSuppression: suppression }: PlaybackConfigurationMembers): void {
  const { Mode = 'OFF', Value, FillPolicy } = suppression ?? {}
  if (Mode !== 'OFF' && Value === undefined) throw refusal(`AvailSuppression.Value is required with ${Mode}`)
  if (FillPolicy === 'PARTIAL_AVAIL' && Mode !== 'AFTER_LIVE_EDGE') {
    throw refusal('AvailSuppression.FillPolicy PARTIAL_AVAIL needs Mode AFTER_LIVE_EDGE')
  }
}

function checkHttpRequest({ AdDecisionServerConfiguration: server }: PlaybackConfigurationMembers): void {
  const { Method = 'GET', Headers = {}, Body, CompressRequest = 'NONE' } = server?.HttpRequest ?? {}
  const where = 'AdDecisionServerConfiguration.HttpRequest'
  if (Body !== undefined && Method !== 'POST') throw refusal(`${where}.Body needs Method POST`)
  if (CompressRequest !== 'NONE' && Method !== 'POST') {
    throw refusal(`${where}.CompressRequest needs Method POST`)
  }
  const name = Object.keys(Headers).find((header) => CONNECTION_HEADERS.has(header.toLowerCase()))
  if (name !== undefined) throw refusal(`${where}.Headers must not have ${name}: the sender sets it`)
}

// A viewer must not choose the host that is asked, but only among those that the owner listed.
function checkHosts(members: PlaybackConfigurationMembers): void {
  const aliases = members.ConfigurationAliases ?? {}
  const templates = {
    VideoContentSourceUrl: members.VideoContentSourceUrl,
    AdDecisionServerUrl: members.AdDecisionServerUrl,
    SlateAdUrl: members.SlateAdUrl,
    'Bumper.StartUrl': members.Bumper?.StartUrl,
    'Bumper.EndUrl': members.Bumper?.EndUrl,
    'LivePreRollConfiguration.AdDecisionServerUrl': members.LivePreRollConfiguration?.AdDecisionServerUrl,
    'CdnConfiguration.AdSegmentUrlPrefix': members.CdnConfiguration?.AdSegmentUrlPrefix,
    'CdnConfiguration.ContentSegmentUrlPrefix': members.CdnConfiguration?.ContentSegmentUrlPrefix,
  }
  for (const [member, template = ''] of Object.entries(templates)) {
    const [, host = ''] = /^https?:\/\/([^/?#]*)/i.exec(template) ?? []
    for (const [, variable = ''] of host.matchAll(/\[([^\]]*)\]?/g)) {
      if (Object.hasOwn(aliases, variable)) continue
      throw refusal(`${member} has the variable [${variable}] in its host, which needs ConfigurationAliases`)
    }
  }
}

function refusal(text: string): DomainError {
  return new DomainError('VALIDATION', text)
}
