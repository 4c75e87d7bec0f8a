/**
 * The demo: a channel named `demo` and a test picture with a clock and a tone, published to it by ffmpeg over RTMP like
 * anybody else would. With an ad server the channel gets ads too.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import type { Clock, Timer } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import { changeChannel, newChannel } from '../domain/channel-rules.ts'
import type { ChannelType } from '../domain/channel.ts'
import type { ServiceIdentity } from '../domain/service-identity.ts'
import { DEFAULT_SERVICE_LIMITS } from '../domain/service-limits.ts'
import { newStreamKey } from '../domain/stream-key-rules.ts'
import type { Store } from '../store/index.ts'
import { attachDemoAds } from './demo-ads/ad-attachment.ts'

const DEMO_NAME = 'demo'
const FIRST_RETRY_MS = 1000
const LAST_RETRY_MS = 15_000
/** A run that lasted this long was good: the next failure starts with the short wait again. */
const GOOD_RUN_MS = 10_000
const KILL_AFTER_MS = 2000
const MAX_ERROR_CHARS = 500

const PICTURE = 'testsrc2=size=1280x720:rate=30'
const CLOCK_STYLE =
  'fontsize=64:fontcolor=white:box=1:boxcolor=black@0.6:boxborderw=16:x=(w-text_w)/2:y=(h-text_h)/2'
const CLOCK = `drawtext=${CLOCK_STYLE}:text='%{localtime\\:%H\\\\\\:%M\\\\\\:%S}'`
const TONE = 'sine=frequency=440:beep_factor=4:sample_rate=48000'

/** A demo that runs until it is disposed. */
export type Demo = AsyncDisposable & { readonly channelArn: string }

/** What the demo needs. */
export type DemoOptions = {
  readonly store: Pick<Store, 'channels' | 'streamKeys' | 'playbackConfigurations' | 'adConfigurations'>
  readonly identity: ServiceIdentity
  readonly rtmpUrl: string
  /** Of a channel that is made; one that exists is changed to it. */
  readonly type: ChannelType
  /** Template of ad requests; undefined for a demo without ads. */
  readonly adDecisionServerUrl: string | undefined
  /** The ffmpeg program. */
  readonly ffmpeg: string
  readonly clock: Clock
  readonly logger: Logger
}

/** Makes the channel when it is missing, and publishes to it until disposed. */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const { channelArn, streamKey } = await ensureChannel(options)
  const { adDecisionServerUrl } = options
  if (adDecisionServerUrl !== undefined) await attachDemoAds({ ...options, channelArn, adDecisionServerUrl })
  const log = options.logger.with({ demo: DEMO_NAME })
  const publisher = keepPublishing(`${options.rtmpUrl}/${streamKey}`, options, log)
  return { channelArn, [Symbol.asyncDispose]: publisher.stop }
}

async function ensureChannel(options: DemoOptions): Promise<{ channelArn: string; streamKey: string }> {
  const { channels, streamKeys } = options.store
  const { accountId, region } = options.identity
  const birth = { region, accountId, nowMs: options.clock.nowMs() }
  const page = { after: undefined, limit: 1 }
  const found = (await channels.list(accountId, { name: DEMO_NAME }, page)).items[0]
  if (!found) {
    const channel = newChannel(birth, { name: DEMO_NAME, type: options.type })
    const streamKey = newStreamKey(birth, channel.arn)
    await channels.create(channel, streamKey, DEFAULT_SERVICE_LIMITS.channels)
    return { channelArn: channel.arn, streamKey: streamKey.value }
  }
  await channels.update(accountId, found.arn, (channel) =>
    channel.type === options.type ? channel : changeChannel(channel, { type: options.type }),
  )
  const kept = (await streamKeys.listByChannel(accountId, found.arn, page)).items[0]
  if (kept) return { channelArn: found.arn, streamKey: kept.value }
  const streamKey = newStreamKey(birth, found.arn)
  await streamKeys.create(streamKey, DEFAULT_SERVICE_LIMITS.streamKeysPerChannel)
  return { channelArn: found.arn, streamKey: streamKey.value }
}

function keepPublishing(
  url: string,
  { clock, ffmpeg }: Pick<DemoOptions, 'clock' | 'ffmpeg'>,
  log: Logger,
): { stop: () => Promise<void> } {
  let child: ChildProcess | undefined
  let retry: Timer | undefined
  let retryMs = FIRST_RETRY_MS
  let stopped = false
  const run = (): void => {
    const startedMs = clock.monotonicMs()
    child = spawnPublisher(ffmpeg, url, (problem) => {
      child = undefined
      if (stopped) return
      if (clock.monotonicMs() - startedMs > GOOD_RUN_MS) retryMs = FIRST_RETRY_MS
      log.warn('demo publisher ended and will be started again', { retryMs, problem })
      retry = clock.after(retryMs, run)
      retryMs = Math.min(LAST_RETRY_MS, retryMs * 2)
    })
  }
  run()
  return {
    stop: async () => {
      stopped = true
      retry?.cancel()
      if (child) await endChild(child, clock)
    },
  }
}

function spawnPublisher(ffmpeg: string, url: string, onEnd: (problem: string) => void): ChildProcess {
  const input = ['-re', '-f', 'lavfi', '-i', PICTURE, '-re', '-f', 'lavfi', '-i', TONE]
  const video = ['-vf', CLOCK, '-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency']
  const rate = ['-pix_fmt', 'yuv420p', '-g', '60', '-b:v', '2000k', '-maxrate', '2000k', '-bufsize', '2000k']
  const audio = ['-c:a', 'aac', '-b:a', '128k', '-ac', '2']
  const args = ['-hide_banner', '-loglevel', 'error', ...input, ...video, ...rate, ...audio, '-f', 'flv', url]
  const child = spawn(ffmpeg, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let errors = ''
  child.stderr.setEncoding('utf8')
  child.stderr.on('data', (text: string) => (errors = (errors + text).slice(-MAX_ERROR_CHARS)))
  let ended = false
  const end = (problem: string): void => {
    if (ended) return
    ended = true
    // The URL holds the stream key.
    onEnd(problem.replaceAll(url, 'the ingest URL').trim())
  }
  child.once('error', (error) => end(error.message))
  child.once('exit', () => end(errors))
  return child
}

async function endChild(child: ChildProcess, clock: Clock): Promise<void> {
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const kill = clock.after(KILL_AFTER_MS, () => child.kill('SIGKILL'))
  await exited
  kill.cancel()
}
