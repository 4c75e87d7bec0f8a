/**
 * The transcoder, wired: from settings to ladders, and from a stream to its ladder.
 */
import { availableParallelism } from 'node:os'
import { systemClock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { LiveDirectory } from '../domain/live.ts'
import type { LadderOutput } from '../domain/transcoding.ts'
import type { LiveSession } from '../session/live-session.ts'
import { probeEncoder } from '../transcode/encoder-probe.ts'
import { ffmpegStarter } from '../transcode/ffmpeg-process.ts'
import { LadderRegistry } from '../transcode/ladder-registry.ts'
import type { EncoderChoice } from '../transcode/video-encoders.ts'
import type { ServerConfig } from './config/server-config.ts'
import type { ConsoleLadder } from './console-site.ts'

type TranscodeSettings = Pick<ServerConfig, 'ffmpeg' | 'videoEncoder' | 'x264Preset' | 'maxLadders'>

/** What the owner of the channel reads (reference ivs-behaviour §5). */
const CAPACITY_EXCEEDED = 'Transcode capacity exceeded. Please try again.'
const TRANSCODE_FAILED = 'Transcode failed. Please try again.'

/**
 * Tries the encoder, so that a server that cannot transcode does not start.
 *
 * @throws {TranscodeError} naming the setting to change.
 */
export async function tryEncoder(config: TranscodeSettings, logger: Logger): Promise<void> {
  const { ffmpegVersion } = await probeEncoder(config.ffmpeg, encoderChoice(config))
  logger.info('transcoder is ready', {
    videoEncoder: config.videoEncoder,
    ffmpegVersion,
    maxLadders: maxLaddersOf(config),
  })
}

/** The ladders of this server; none runs yet. */
export function createLadders(config: TranscodeSettings, logger: Logger): LadderRegistry {
  return new LadderRegistry({
    start: ffmpegStarter(config.ffmpeg),
    encoder: encoderChoice(config),
    maxLadders: maxLaddersOf(config),
    clock: systemClock,
    logger,
  })
}

/** Gives a new session its ladder, or ends it for want of capacity. */
export function attachLadder(ladders: LadderRegistry, session: LiveSession, output: LadderOutput): void {
  const { streamId, channel } = session
  const announcedFrameRate = (): number | undefined => session.announcedFrameRate
  const onFailed = (): void => session.fail(TRANSCODE_FAILED)
  const outcome = ladders.open({ streamId, channel, output, announcedFrameRate, onFailed })
  if (outcome.kind === 'opened') session.addSink(outcome.source)
  // Not at once: the publisher does not have its session yet.
  else systemClock.after(0, () => session.fail(CAPACITY_EXCEEDED))
}

/** What the console shows of a channel's ladder; undefined while nothing is transcoded. */
export function consoleLadder(
  live: { readonly sessions: Pick<LiveDirectory, 'get'>; readonly ladders: Pick<LadderRegistry, 'health'> },
  channelArn: string,
): ConsoleLadder | undefined {
  const stream = live.sessions.get(channelArn)
  const health = stream && live.ladders.health(stream.streamId)
  if (!health) return undefined
  const lagMs = Math.round(Math.max(0, ...Object.values(health.lagsMs)))
  return { isBehind: health.state === 'behind', lagMs, givenUp: health.shedRungs }
}

function encoderChoice({ videoEncoder, x264Preset }: TranscodeSettings): EncoderChoice {
  return { encoder: videoEncoder, x264Preset }
}

function maxLaddersOf({ maxLadders }: TranscodeSettings): number {
  return maxLadders === 0 ? availableParallelism() : maxLadders
}
