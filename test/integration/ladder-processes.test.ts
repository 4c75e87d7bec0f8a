/**
 * The ffmpeg program as a child: that it is tried, that it cannot be missed in silence, and that it never outlives us.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { tryEncoder } from '../../src/app/ladders.ts'
import { probeEncoder } from '../../src/transcode/encoder-probe.ts'
import { ffmpegStarter } from '../../src/transcode/ffmpeg-process.ts'
import type { ProcessEnd } from '../../src/transcode/ladder-process.ts'
import { clip } from '../harness/ffmpeg-publisher.ts'
import { LadderRig, unitsBetween } from '../harness/ladder-rig.ts'
import { readFlvFile } from '../harness/media/flv-file.ts'
import { RecordingLogger } from '../harness/recording-logger.ts'

const X264 = { encoder: 'libx264', x264Preset: 'veryfast' } as const

describe('trying the encoder', () => {
  test('succeeds with x264 and tells the version of ffmpeg', async () => {
    expect((await probeEncoder('ffmpeg', X264)).ffmpegVersion).toMatch(/^\S*\d/)
  })

  test('fails for an encoder without its hardware, and names the setting', async () => {
    const probed = probeEncoder('ffmpeg', { ...X264, encoder: 'h264_nvenc' })
    await expect(probed).rejects.toMatchObject({ code: 'VIDEO_ENCODER_UNUSABLE' })
    await expect(probed).rejects.toThrow(/h264_nvenc .*--video-encoder/)
  })

  test('fails without the program, and names the setting', async () => {
    const probed = probeEncoder('no-such-ffmpeg', X264)
    await expect(probed).rejects.toMatchObject({ code: 'FFMPEG_UNUSABLE' })
    await expect(probed).rejects.toThrow(/no-such-ffmpeg.*--ffmpeg/)
  })
})

test('a server that starts says in its log what it encodes with', async () => {
  const logger = new RecordingLogger()
  const { encoder: videoEncoder, x264Preset } = X264
  await tryEncoder({ ffmpeg: 'ffmpeg', videoEncoder, x264Preset, maxLadders: 3 }, logger)
  expect(logger.lines).toMatchObject([
    { sentence: 'transcoder is ready', fields: { videoEncoder: 'libx264', maxLadders: 3 } },
  ])
  expect(logger.lines[0]?.fields['ffmpegVersion']).toMatch(/\d/)
})

test('of a program that complains without end the last two thousand characters are kept', async () => {
  const complain = 'i=0; while [ $i -lt 5000 ]; do echo "complaint $i" >&2; i=$((i+1)); done'
  const end = await new Promise<ProcessEnd>((resolve) => {
    ffmpegStarter('sh')(['-c', complain], 0, { onOutput: () => undefined, onEnd: resolve })
  })
  expect(end.lastWords.length).toBeLessThanOrEqual(2000)
  expect(end.lastWords.length).toBeGreaterThan(1900)
  expect(end.lastWords).toMatch(/complaint 4999$/)
})

test('a program that cannot be started ends like one that died', async () => {
  const end = await new Promise<ProcessEnd>((resolve) => {
    const child = ffmpegStarter('no-such-ffmpeg')([], 2, { onOutput: () => undefined, onEnd: resolve })
    child.write([Buffer.alloc(10)])
    child.finish()
    child.kill()
  })
  expect(end.lastWords).toMatch(/ENOENT/)
})

test('a ladder whose program is missing logs that, and tries again ever more slowly', async () => {
  const media = readFlvFile(await readFile(await clip({ size: '640x360' })))
  await using rig = new LadderRig({
    channel: { type: 'STANDARD', preset: '' },
    speed: 2,
    start: ffmpegStarter('no-such-ffmpeg'),
  })
  rig.setTracks(media.tracks)
  await rig.feed(unitsBetween(media.units, 0, 3))
  const deaths = rig.logger.lines.filter(
    ({ sentence }) => sentence === 'transcoder ended and is started again',
  )
  expect(deaths.map(({ fields }) => fields['afterMs'])).toEqual([0, 250, 500, 1000].slice(0, deaths.length))
  expect(deaths[0]?.fields['lastWords']).toMatch(/ENOENT/)
})

test('children end by themselves when the server is killed', async () => {
  const script = new URL('../harness/ladder-parent.ts', import.meta.url).pathname
  const parent = spawn(process.execPath, [script, await clip({ size: '640x360' })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(parent.stdout.setEncoding('utf8'), 'data')) as [string]
  const pid = Number(line)
  expect(isRunning(await stateOf(pid))).toBe(true)
  parent.kill('SIGKILL')
  const startMs = performance.now()
  while (isRunning(await stateOf(pid))) {
    expect(performance.now() - startMs).toBeLessThan(5000)
    await sleep(20)
  }
})

/** A state of proc(5); undefined when there is no such process any more. */
async function stateOf(pid: number): Promise<string | undefined> {
  try {
    return / ([A-Z]) /.exec(await readFile(`/proc/${pid}/stat`, 'utf8'))?.[1]
  } catch {
    return undefined
  }
}

function isRunning(state: string | undefined): boolean {
  return state !== undefined && state !== 'Z'
}
