/**
 * `headwater ads warm`: conditions creatives ahead, so that the first break that wants them has them.
 *
 * Works in the data directory, whether a server runs on it or not: a running one finds what is new within seconds.
 */
import { join } from 'node:path'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { plannedAdProfile, type PlannedChannel } from '../ads/conditioning/ad-profile.ts'
import { ConditioningLibrary } from '../ads/conditioning/conditioning-library.ts'
import { OutboundClient } from '../ads/outbound/outbound-client.ts'
import { parseTargetAllowList } from '../ads/outbound/target-allow-list.ts'
import { systemClock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { ChannelType, TranscodePreset } from '../domain/channel.ts'
import { flagName } from './config/setting.ts'
import { settings } from './config/settings.ts'
import type { ServerConfig } from './config/server-config.ts'

/** What was asked for. */
export type WarmCommand = {
  readonly urls: readonly string[]
  readonly channel: PlannedChannel
  /** Flags of settings, as typed; see `ConfigSources`. */
  readonly flags: Readonly<Record<string, string>>
}

/** Where conditioned creatives are in a data directory. */
export function creativesDirectory({ dataDir }: Pick<ServerConfig, 'dataDir'>): string {
  return join(dataDir, 'ads')
}

/** Settings that the command shares with the server. */
const SHARED_SETTINGS = ['dataDir', 'ffmpeg', 'adTargetAllow'] as const
const CHANNEL_TYPES: readonly ChannelType[] = ['BASIC', 'STANDARD', 'ADVANCED_SD', 'ADVANCED_HD']
const PRESETS: readonly TranscodePreset[] = ['HIGHER_BANDWIDTH_DELIVERY', 'CONSTRAINED_BANDWIDTH_DELIVERY']

type Size = { readonly width: number; readonly height: number }

type WarmOptions = {
  readonly type: ChannelType
  readonly preset?: TranscodePreset
  readonly size: Size
  readonly frameRate: number
  readonly bitrate: number
} & { readonly [Key in (typeof SHARED_SETTINGS)[number] | 'config']?: string }

/** Adds the command to `program`; `run` gets what was asked for. */
export function addAdsCommand(program: Command, run: (command: WarmCommand) => void): void {
  const command = program
    .command('ads')
    .description('ads and their creatives')
    .helpCommand(false)
    .command('warm')
    .description('condition creatives ahead, for the channels of one kind')
    .argument('<url...>', 'media files, as the ad server names them')
    .addOption(new Option('--type <type>', 'type of the channels').choices(CHANNEL_TYPES).default('STANDARD'))
    .addOption(new Option('--preset <preset>', 'their transcode preset').choices(PRESETS))
    .option('--size <size>', 'picture that they publish', readSize, { width: 1920, height: 1080 })
    .option('--frame-rate <rate>', 'its frames a second', readNumber, 30)
    .option('--bitrate <bps>', 'bits a second that they publish, sound included', readNumber, 6_000_000)
    .option('--config <file>', 'YAML file with settings')
  for (const key of SHARED_SETTINGS) command.option(`--${flagName(key)} <value>`, settings[key].doc)
  command.action((urls: readonly string[], options: WarmOptions) =>
    run({ urls, channel: channelOf(options), flags: flagsOf(options) }),
  )
}

/**
 * Conditions what was asked for, one after the other, and prints a line for each.
 *
 * @returns whether all of them can be played.
 */
export async function runWarm(
  { urls, channel }: Pick<WarmCommand, 'urls' | 'channel'>,
  config: Pick<ServerConfig, 'dataDir' | 'ffmpeg' | 'adTargetAllow'>,
  output: { readonly print: (line: string) => void; readonly logger: Logger },
): Promise<boolean> {
  const outbound = new OutboundClient({ allowList: parseTargetAllowList(config.adTargetAllow ?? '') ?? [] })
  const library = await ConditioningLibrary.open({
    directory: creativesDirectory(config),
    role: 'visitor',
    // The server on this directory knows what is in use, and evicts.
    maxCacheBytes: Number.MAX_SAFE_INTEGER,
    workers: 1,
    outbound,
    mediaTool: { program: config.ffmpeg, clock: systemClock },
    clock: systemClock,
    logger: output.logger,
  })
  const profile = plannedAdProfile(channel)
  let areAllReady = true
  for (const url of urls) {
    const [outcome] = await library.warm([url], profile)
    if (!outcome) continue
    areAllReady &&= outcome.result === 'ready'
    output.print([outcome.result, url, outcome.reason].join(' ').trim())
  }
  await library.stop()
  outbound.close()
  return areAllReady
}

function channelOf({ type, preset = '', size, frameRate, bitrate }: WarmOptions): PlannedChannel {
  return { type, preset, ...size, frameRate, bitrateBps: bitrate }
}

function readSize(text: string): Size {
  const [, width, height] = /^(\d{2,4})x(\d{2,4})$/.exec(text) ?? []
  if (width === undefined || height === undefined) {
    throw new InvalidArgumentError('want width and height in pixels, e.g. 1920x1080')
  }
  return { width: Number(width), height: Number(height) }
}

function readNumber(text: string): number {
  const value = Number(text)
  if (!(value > 0 && value < 1e9)) throw new InvalidArgumentError('want a number above 0')
  return value
}

function flagsOf(options: WarmOptions): Record<string, string> {
  const keys = ['config', ...SHARED_SETTINGS] as const
  return Object.fromEntries(keys.flatMap((key) => (options[key] === undefined ? [] : [[key, options[key]]])))
}
