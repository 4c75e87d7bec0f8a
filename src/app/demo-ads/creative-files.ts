/**
 * Makes the demo's creatives with ffmpeg: colour bars, the ad's length in big letters, a countdown and a tone. Made once;
 * a file that is there stays.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CREATIVE_SIZE, DEMO_CREATIVES, type DemoCreative } from './creative-plan.ts'

const FRAME_RATE = 30
const LIMIT_MS = 120_000
const MAX_ERROR_CHARS = 500

/** Where the file of a creative is. */
export function creativePath(directory: string, creative: DemoCreative): string {
  return join(directory, creative.fileName)
}

/** Whether all creatives can be served. */
export function areCreativesMade(directory: string): boolean {
  return DEMO_CREATIVES.every((creative) => existsSync(creativePath(directory, creative)))
}

/**
 * Makes those that are missing, one after the other.
 *
 * @throws when ffmpeg cannot make one, or `signal` is aborted.
 */
export async function makeCreatives(directory: string, ffmpeg: string, signal: AbortSignal): Promise<void> {
  await mkdir(directory, { recursive: true })
  for (const creative of DEMO_CREATIVES) {
    const file = creativePath(directory, creative)
    if (existsSync(file)) continue
    const unfinished = `${file}.unfinished`
    try {
      await runToEnd(ffmpeg, [...creativeArguments(creative), '-f', 'mp4', '-y', unfinished], signal)
      await rename(unfinished, file)
    } finally {
      await rm(unfinished, { force: true })
    }
  }
}

function creativeArguments(creative: DemoCreative): string[] {
  const { seconds, toneHz } = creative
  const bars = `smptehdbars=size=${CREATIVE_SIZE.width}x${CREATIVE_SIZE.height}:rate=${FRAME_RATE}`
  const sources = [
    '-f',
    'lavfi',
    '-i',
    bars,
    '-f',
    'lavfi',
    '-i',
    `sine=frequency=${toneHz}:sample_rate=48000`,
  ]
  const video = ['-vf', words(creative), '-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p']
  const rate = ['-b:v', '1500k', '-maxrate', '1500k', '-bufsize', '1500k', '-g', String(2 * FRAME_RATE)]
  const audio = ['-c:a', 'aac', '-b:a', '128k', '-ac', '2']
  const common = ['-hide_banner', '-loglevel', 'error', '-nostdin']
  return [
    ...common,
    ...sources,
    '-t',
    String(seconds),
    ...video,
    ...rate,
    ...audio,
    '-movflags',
    '+faststart',
  ]
}

function words({ seconds, colour }: DemoCreative): string {
  const box = `fontcolor=white:box=1:boxcolor=${colour}@0.9:x=(w-text_w)/2`
  const title = `drawtext=${box}:fontsize=150:boxborderw=36:y=h/2-text_h-20:text='Ad ${seconds} s'`
  const left = `%{eif\\:ceil(${seconds}-t)\\:d}`
  return `${title},drawtext=${box}:fontsize=96:boxborderw=24:y=h/2+90:text='${left}'`
}

function runToEnd(program: string, args: readonly string[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)])
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], signal: limited })
    let errors = ''
    child.stderr.setEncoding('utf8')
    child.stderr.on('data', (text: string) => (errors = (errors + text).slice(-MAX_ERROR_CHARS)))
    child.once('error', reject)
    child.once('close', (exitCode) => {
      if (exitCode === 0) resolve()
      else reject(new Error(`ffmpeg made no creative: ${errors.trim()}`))
    })
  })
}
