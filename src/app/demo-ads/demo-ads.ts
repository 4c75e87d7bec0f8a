/**
 * Runs the demo's ad server as a child process, and starts it again when it ends.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Clock, Timer } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import { creativeUrlPath, VAST_PATH } from './ad-server.ts'
import { DEMO_CREATIVES } from './creative-plan.ts'

/** An ad server that runs until it is disposed. */
export type DemoAds = AsyncDisposable & {
  /** Of the page with the beacons. */
  readonly url: string
  /** As the allow-list of ad targets takes it: the server is on loopback. */
  readonly hostPort: string
  /** Template of the ad request, for a playback configuration. */
  readonly adDecisionServerUrl: string
  /** The creatives that it gives out, as VAST names them. */
  readonly creatives: readonly { readonly creativeId: string; readonly url: string }[]
}

/** What the ad server needs. */
export type DemoAdsOptions = {
  readonly dataDir: string
  /** The ffmpeg program. */
  readonly ffmpeg: string
  readonly clock: Clock
  readonly logger: Logger
}

const PROGRAM = fileURLToPath(new URL('main.ts', import.meta.url))
const DIRECTORY = 'demo-ads'
const QUERY = 'dur=[session.avail_duration_secs]&vid=[player_params.viewer]&sid=[session.uuid]'
const START_LIMIT_MS = 15_000
const RETRY_MS = 2000
const KILL_AFTER_MS = 2000
const MAX_ERROR_CHARS = 500

/** Starts the ad server; undefined, and a line in the log, when it does not come up. */
export async function startDemoAds(options: DemoAdsOptions): Promise<DemoAds | undefined> {
  const { clock, logger } = options
  let child: AdServerChild | undefined
  let retry: Timer | undefined
  let stopped = false
  const start = (): Promise<number | undefined> => {
    const started = spawnAdServer(options, (problem) => {
      child = undefined
      if (stopped) return
      logger.warn('demo ad server ended and will be started again', { retryMs: RETRY_MS, problem })
      retry = clock.after(RETRY_MS, () => void start())
    })
    child = started
    return started.port
  }
  const stop = async (): Promise<void> => {
    stopped = true
    retry?.cancel()
    await child?.end()
  }
  const limit = Promise.withResolvers<undefined>()
  const timer = clock.after(START_LIMIT_MS, () => limit.resolve(undefined))
  const port = await Promise.race([start(), limit.promise])
  timer.cancel()
  if (port === undefined) {
    logger.warn('the demo goes on without its ad server')
    await stop()
    return undefined
  }
  return { ...addressesAt(port), [Symbol.asyncDispose]: stop }
}

function addressesAt(port: number): Omit<DemoAds, keyof AsyncDisposable> {
  const hostPort = `127.0.0.1:${port}`
  const url = `http://${hostPort}`
  return {
    url: `${url}/`,
    hostPort,
    adDecisionServerUrl: `${url}${VAST_PATH}?${QUERY}`,
    creatives: DEMO_CREATIVES.map(({ id, fileName }) => ({
      creativeId: id,
      url: `${url}${creativeUrlPath(fileName)}`,
    })),
  }
}

type AdServerChild = {
  /** Undefined when the child ended before it had one. */
  readonly port: Promise<number | undefined>
  readonly end: () => Promise<void>
}

function spawnAdServer(
  { dataDir, ffmpeg, clock, logger }: DemoAdsOptions,
  onEnd: (problem: string) => void,
): AdServerChild {
  const child = spawn(process.execPath, [PROGRAM, join(dataDir, DIRECTORY), ffmpeg], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Ctrl-C in a terminal is for this process, which ends the child in its turn.
    detached: true,
  })
  child.stdin.on('error', () => undefined)
  const port = Promise.withResolvers<number | undefined>()
  createInterface({ input: child.stdout }).once('line', (line) => port.resolve(portIn(line)))
  let errors = ''
  child.stderr.setEncoding('utf8')
  child.stderr.on('data', (text: string) => {
    errors = (errors + text).slice(-MAX_ERROR_CHARS)
    logger.warn('demo ad server complains', { problem: text.slice(0, MAX_ERROR_CHARS).trim() })
  })
  const ended = Promise.withResolvers<undefined>()
  const settle = (problem: string): void => {
    ended.resolve(undefined)
    port.resolve(undefined)
    onEnd(problem)
  }
  child.once('error', (error) => settle(error.message))
  child.once('exit', () => settle(errors.trim()))
  return { port: port.promise, end: () => endChild(child, ended.promise, clock) }
}

function portIn(line: string): number | undefined {
  try {
    const { port } = JSON.parse(line) as { readonly port?: unknown }
    return typeof port === 'number' ? port : undefined
  } catch {
    return undefined
  }
}

async function endChild(child: ChildProcess, ended: Promise<unknown>, clock: Clock): Promise<void> {
  child.stdin?.end()
  const kill = clock.after(KILL_AFTER_MS, () => child.kill('SIGKILL'))
  await ended
  kill.cancel()
}
