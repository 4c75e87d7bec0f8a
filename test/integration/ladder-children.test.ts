/**
 * Ladders made by real ffmpeg children, through deaths, hangs, damage and changes of the source.
 */
import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { clip, type FfmpegPublisherOptions } from '../harness/ffmpeg-publisher.ts'
import { LadderRig, unitsBetween } from '../harness/ladder-rig.ts'
import { readFlvFile, type FlvMedia } from '../harness/media/flv-file.ts'
import type { AccessUnit } from '../../src/media/access-unit.ts'

const STANDARD = { type: 'STANDARD', preset: '' } as const
const ADVANCED_SD = { type: 'ADVANCED_SD', preset: 'HIGHER_BANDWIDTH_DELIVERY' } as const

async function source(options: Omit<FfmpegPublisherOptions, 'url' | 'mode'>): Promise<FlvMedia> {
  return readFlvFile(await readFile(await clip(options)))
}

function pictures(units: readonly AccessUnit[]): AccessUnit[] {
  return units.filter((unit) => unit.kind === 'video')
}

/** What a rung without B-frames has to show: presentation order, with the decoding times in their own order. */
function expectedTimes(units: readonly AccessUnit[]): string[] {
  const dts = pictures(units).map((unit) => unit.dtsTicks)
  const shown = pictures(units).toSorted((a, b) => a.ptsTicks - b.ptsTicks)
  return shown.map((unit, index) => `${unit.ptsTicks} ${dts[index]}`)
}

/** Of a source without B-frames: every second picture, counted anew in each two seconds. */
function everySecondOfCells(units: readonly AccessUnit[]): string[] {
  const counts = new Map<number, number>()
  const kept = pictures(units).filter((unit) => {
    const cell = Math.floor(unit.ptsTicks / 180_000)
    const count = counts.get(cell) ?? 0
    counts.set(cell, count + 1)
    return count % 2 === 0
  })
  return times(kept)
}

/** Of a source without B-frames: the first picture of each two seconds. */
function firstOfCells(units: readonly AccessUnit[]): number[] {
  const ticks = pictures(units).map((unit) => unit.ptsTicks)
  return ticks.filter(
    (tick, index) => Math.floor(tick / 180_000) !== Math.floor((ticks[index - 1] ?? -1) / 180_000),
  )
}

function times(units: readonly AccessUnit[]): string[] {
  return units.map((unit) => `${unit.ptsTicks} ${unit.dtsTicks}`)
}

function keyframeTimes(units: readonly AccessUnit[]): number[] {
  return pictures(units)
    .filter((unit) => unit.keyframe)
    .map((unit) => unit.ptsTicks)
}

const SOURCES = [
  { name: 'without B-frames', options: {} },
  { name: 'with B-frames', options: { bFrames: 2, keyframeSeconds: 1 } },
  {
    name: 'at 29.97 with mono sound of 44.1 kHz',
    options: { frameRate: 29.97, sampleRate: 44_100, audioChannels: 1 },
  },
  { name: 'at 25', options: { frameRate: 25 } },
]

/** What is missing and what is surplus: nothing and nothing, as a rule. */
function difference(
  shown: readonly string[],
  expected: readonly string[],
): { missing: string[]; surplus: string[] } {
  const missing = expected.filter((time) => !shown.includes(time))
  return { missing, surplus: shown.filter((time) => !expected.includes(time)) }
}

const NONE = { missing: [], surplus: [] }

/** Sample numbers of sound, as steps from one frame to the next. */
function sampleSteps(units: readonly AccessUnit[], sampleRate: number): number[] {
  const samples = units.map((unit) => Math.round((unit.ptsTicks * sampleRate) / 90_000))
  return samples.slice(1).map((sample, index) => sample - (samples[index] ?? 0))
}

/** The unit with a few bytes changed, the same ones in each run. */
function damage(unit: AccessUnit, seed: number): AccessUnit {
  const data = Uint8Array.from(unit.data)
  let state = (seed * 2_654_435_761 + unit.dtsTicks) >>> 0
  for (let i = 0; i < 8; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    data[state % data.length] = state >>> 24
  }
  return { ...unit, data }
}

describe.concurrent('a ladder', () => {
  test.for(SOURCES)('has the times and keyframes of a source $name on every rung', async ({ options }) => {
    const media = await source({ size: '640x360', ...options })
    const units = unitsBetween(media.units, 0, 5)
    await using rig = new LadderRig({ channel: STANDARD })
    rig.setTracks(media.tracks)
    await rig.feed(units)
    await rig.end()
    for (const name of ['360p30', '160p30']) {
      expect(difference(times(rig.output.pictures(name)), expectedTimes(units))).toEqual(NONE)
      expect(keyframeTimes(rig.output.pictures(name))).toEqual(keyframeTimes(units))
    }
  })

  test('with keyframes of its own has one at the first picture of every two seconds, at half the rate', async () => {
    const media = await source({ size: '640x480', frameRate: 60, keyframeSeconds: 3 })
    const units = unitsBetween(media.units, 0, 7, 1000)
    await using rig = new LadderRig({ channel: ADVANCED_SD })
    rig.setTracks(media.tracks)
    await rig.feed(units)
    await rig.end()
    expect(rig.output.keyframes).toBe('own')
    const source30 = everySecondOfCells(units)
    for (const name of ['480p30', '360p30', '160p30']) {
      expect(difference(times(rig.output.pictures(name)), source30)).toEqual(NONE)
      expect(keyframeTimes(rig.output.pictures(name))).toEqual(firstOfCells(units))
    }
  })
})

const TROUBLES = [
  { name: 'is killed', trouble: (pid: number) => process.kill(pid, 'SIGKILL') },
  { name: 'hangs', trouble: (pid: number) => process.kill(pid, 'SIGSTOP') },
] as const

describe.concurrent.each(TROUBLES)('a child that $name', ({ trouble }) => {
  test.for([
    {
      type: 'STANDARD',
      channel: STANDARD,
      rungs: ['360p30', '160p30'],
      options: { size: '640x360', bFrames: 2 },
    },
    {
      type: 'ADVANCED_SD',
      channel: ADVANCED_SD,
      rungs: ['480p30', '360p30', '160p30'],
      options: { size: '640x480', frameRate: 60 },
    },
  ])('costs a $type ladder no picture and no sound', async ({ channel, rungs, options }) => {
    const media = await source(options)
    const units = unitsBetween(media.units, 0, 6)
    const troubleAt = units.findIndex((unit) => unit.dtsTicks > 2.3 * 90_000)
    await using rig = new LadderRig({ channel, speed: 1 })
    rig.setTracks(media.tracks)
    await rig.feed(units.slice(0, troubleAt))
    const before = rig.output.pictures('160p30').length
    const startMs = performance.now()
    trouble(rig.pids[0] ?? 0)
    const back = rig.until(() => rig.pids.length > 1 && rig.output.pictures('160p30').length > before + 2)
    const backMs = back.then(() => performance.now() - startMs)
    await rig.feed(units.slice(troubleAt))
    await rig.end()
    expect(await backMs).toBeLessThan(3000)
    expect(rig.pids).toHaveLength(2)
    for (const name of rungs) {
      const shown = rig.output.pictures(name)
      const expected = channel === STANDARD ? expectedTimes(units) : everySecondOfCells(units)
      expect(difference(times(shown), expected)).toEqual(NONE)
      const planned = channel === STANDARD ? keyframeTimes(units) : firstOfCells(units)
      // The first picture that the dead child did not deliver is one, too.
      expect(planned.filter((ticks) => !keyframeTimes(shown).includes(ticks))).toEqual([])
      expect(keyframeTimes(shown)).toHaveLength(planned.length + 1)
    }
    expect(new Set(sampleSteps(rig.output.frames('160p30'), 48_000))).toEqual(new Set([1024]))
    expect(rig.output.discontinuities).toBe(0)
  })
})

describe.concurrent('a source that changes', () => {
  const CHANGES = [
    { name: 'its picture size', after: { size: '320x240' }, sizes: ['320x240', '212x160'] },
    { name: 'its sound', after: { sampleRate: 44_100, audioChannels: 1 }, sizes: ['640x360', '284x160'] },
  ] as const
  test.for(CHANGES)(
    '$name in mid-stream keeps its rungs, every picture of both parts, and no rung grows',
    async (row) => {
      const before = await source({ size: '640x360' })
      const after = await source({ size: '640x360', ...row.after })
      const first = unitsBetween(before.units, 0, 4)
      const second = unitsBetween(after.units, 0, 4, 4000)
      await using rig = new LadderRig({ channel: STANDARD })
      rig.setTracks(before.tracks)
      await rig.feed(first)
      rig.setTracks(after.tracks)
      await rig.feed(second)
      await rig.end()
      expect(rig.pids).toHaveLength(2)
      for (const [index, name] of ['360p30', '160p30'].entries()) {
        const rung = rig.output.rung(name)
        expect(difference(times(rig.output.pictures(name)), expectedTimes([...first, ...second]))).toEqual(
          NONE,
        )
        const video = rung.tracks.findLast((track) => track.kind === 'video')
        expect(video && `${video.avc.width}x${video.avc.height}`).toBe(row.sizes[index])
        const audio = rung.tracks.findLast((track) => track.kind === 'audio')
        expect(audio?.aac.sampleRate).toBe(after.tracks.audio?.aac.sampleRate)
        expect(audio?.aac.channels).toBe(after.tracks.audio?.aac.channels)
      }
    },
  )
})

describe.concurrent('a source that is damaged', () => {
  test.for([1, 2, 3])('for two seconds (seed %i) comes back whole with the next keyframe', async (seed) => {
    const media = await source({ size: '640x360', bFrames: 2, keyframeSeconds: 1 })
    const units = unitsBetween(media.units, 0, 7)
    const damaged = units.map((unit) =>
      unit.dtsTicks > 2.5 * 90_000 && unit.dtsTicks < 4.5 * 90_000 ? damage(unit, seed) : unit,
    )
    await using rig = new LadderRig({ channel: STANDARD, speed: 2 })
    rig.setTracks(media.tracks)
    await rig.feed(damaged)
    await rig.end()
    const clean = (time: string) => Number(time.split(' ')[0]) >= 5.1 * 90_000
    for (const name of ['360p30', '160p30']) {
      expect(
        difference(times(rig.output.pictures(name)).filter(clean), expectedTimes(units).filter(clean)),
      ).toEqual(NONE)
    }
    const samples = sampleSteps(
      rig.output.frames('160p30').filter((unit) => unit.ptsTicks > 5 * 90_000),
      48_000,
    )
    expect(new Set(samples)).toEqual(new Set([1024]))
  })
})
