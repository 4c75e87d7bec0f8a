import { describe, expect, test } from 'vitest'
import { ManualClock } from '../base/manual-clock.ts'
import { silentLogger } from '../base/logger.ts'
import type { ChannelType } from '../domain/channel.ts'
import { fakeLadderProcesses } from '../../test/harness/fake-ladder-process.ts'
import { picture, SAMPLE_AUDIO, SAMPLE_VIDEO, SMALL_VIDEO } from '../../test/harness/media/sample-tracks.ts'
import { RecordingLadderOutput } from '../../test/harness/recording-ladder-output.ts'
import { LadderRegistry, type LadderOutcome } from './ladder-registry.ts'

const X264 = { encoder: 'libx264', x264Preset: 'veryfast' } as const
const FRAME_TICKS = 3000

/** A registry on a manual clock with fake children. */
function stage(maxLadders = 2) {
  const { start, children } = fakeLadderProcesses()
  const clock = new ManualClock()
  const registry = new LadderRegistry({ start, encoder: X264, maxLadders, clock, logger: silentLogger })
  const open = (streamId: string, type: ChannelType = 'STANDARD') => {
    const output = new RecordingLadderOutput()
    const outcome = registry.open({
      ...{ streamId, output, channel: { type, preset: '' } },
      announcedFrameRate: () => undefined,
      onFailed: () => undefined,
    })
    return { output, outcome }
  }
  return { registry, children, clock, open }
}

function sourceOf(outcome: LadderOutcome) {
  if (outcome.kind !== 'opened') throw new Error(outcome.kind)
  return outcome.source
}

/** Pictures at 30 a second from a number on, the first of them a keyframe. */
function pictures(count: number, from = 0) {
  return Array.from({ length: count }, (_, index) =>
    picture({ dtsTicks: (from + index) * FRAME_TICKS, keyframe: index === 0 }),
  )
}

describe('a ladder is planned', () => {
  test('from the first pictures, and the child gets all of them', () => {
    const { open, children } = stage()
    const { output, outcome } = open('st-1')
    const source = sourceOf(outcome)
    source.onTrack(SAMPLE_VIDEO)
    source.onTrack(SAMPLE_AUDIO)
    for (const unit of pictures(7)) source.onUnit(unit)
    expect(output.rungs).toEqual([])
    source.onUnit(picture({ dtsTicks: 7 * FRAME_TICKS }))
    expect(output.rungs.map(({ name }) => name)).toEqual(['180p30', '160p30', 'audio_only'])
    expect(output.keyframes).toBe('source')
    expect(children[0]?.fedPicturesMs).toHaveLength(8)
  })

  test('without sound when half a second of media has none', () => {
    const { open } = stage()
    const { output, outcome } = open('st-1')
    const source = sourceOf(outcome)
    source.onTrack(SAMPLE_VIDEO)
    for (const unit of pictures(15)) source.onUnit(unit)
    expect(output.rungs).toEqual([])
    source.onUnit(picture({ dtsTicks: 15 * FRAME_TICKS }))
    expect(output.rungs.map(({ name }) => name)).toEqual(['180p30', '160p30'])
  })

  test('from the parameters that are in force when they change before', () => {
    const { open, children } = stage()
    const { output, outcome } = open('st-1')
    const source = sourceOf(outcome)
    source.onTrack(SMALL_VIDEO)
    source.onTrack(SAMPLE_AUDIO)
    for (const unit of pictures(5)) source.onUnit(unit)
    source.onTrack(SAMPLE_VIDEO)
    for (const unit of pictures(8, 5)) source.onUnit(unit)
    expect(output.rungs[0]?.name).toBe('180p30')
    expect(children[0]?.fedPicturesMs).toHaveLength(8)
  })

  test('of BASIC is the source, and needs no child', () => {
    const { open, children } = stage()
    const { output, outcome } = open('st-1', 'BASIC')
    const source = sourceOf(outcome)
    source.onTrack(SAMPLE_VIDEO)
    source.onTrack(SAMPLE_AUDIO)
    for (const unit of pictures(20)) source.onUnit(unit)
    expect(output.rungs.map(({ name }) => name)).toEqual(['chunked', 'audio_only'])
    expect(children).toHaveLength(0)
  })
})

describe('capacity', () => {
  test('is refused beyond the ladders that may run, never to BASIC, and free again when one has ended', () => {
    const { open, children } = stage(1)
    const first = open('st-1')
    expect(open('st-2').outcome.kind).toBe('capacity-exceeded')
    expect(open('st-3', 'BASIC').outcome.kind).toBe('opened')
    const source = sourceOf(first.outcome)
    source.onTrack(SAMPLE_VIDEO)
    source.onTrack(SAMPLE_AUDIO)
    for (const unit of pictures(8)) source.onUnit(unit)
    source.onEnd()
    expect(open('st-4').outcome.kind).toBe('capacity-exceeded')
    children[0]?.end()
    expect(open('st-5').outcome.kind).toBe('opened')
  })

  test('is given back by a stream that ended before its ladder was planned', () => {
    const { open } = stage(1)
    sourceOf(open('st-1').outcome).onEnd()
    expect(open('st-2').outcome.kind).toBe('opened')
  })
})

test('all ladders together: what runs, the largest lag, and deaths also of those that have ended', () => {
  const { open, children, registry } = stage(3)
  const idle = { running: 0, allowed: 3, behind: 0, maxLagMs: 0, shedRungs: 0, deaths: 0 }
  expect(registry.totals).toEqual(idle)
  open('st-basic', 'BASIC')
  const sources = ['st-1', 'st-2'].map((streamId) => sourceOf(open(streamId).outcome))
  for (const source of sources) {
    source.onTrack(SAMPLE_VIDEO)
    source.onTrack(SAMPLE_AUDIO)
    for (const unit of pictures(8)) source.onUnit(unit)
  }
  const running = registry.totals
  expect(running).toMatchObject({ running: 2, deaths: 0 })
  expect(running.maxLagMs).toBeGreaterThan(0)
  children[0]?.end('SIGKILL')
  expect(registry.totals).toMatchObject({ running: 2, deaths: 1 })
  for (const source of sources) source.onEnd()
  for (const child of children.slice(1)) child.end()
  expect(registry.totals).toMatchObject({ ...idle, deaths: 1 })
})

describe('closing all ladders', () => {
  test('kills every child and waits until they are gone', async () => {
    const { open, children, registry } = stage()
    for (const streamId of ['st-1', 'st-2']) {
      const source = sourceOf(open(streamId).outcome)
      source.onTrack(SAMPLE_VIDEO)
      source.onTrack(SAMPLE_AUDIO)
      for (const unit of pictures(8)) source.onUnit(unit)
    }
    let closed = false
    const closing = registry.close(1000).then(() => (closed = true))
    expect(children.map(({ killed }) => killed)).toEqual([true, true])
    children[0]?.end('SIGKILL')
    await Promise.resolve()
    expect(closed).toBe(false)
    children[1]?.end('SIGKILL')
    await closing
  })

  test('waits for a limited time', async () => {
    const { open, registry, clock } = stage()
    const source = sourceOf(open('st-1').outcome)
    source.onTrack(SAMPLE_VIDEO)
    source.onTrack(SAMPLE_AUDIO)
    for (const unit of pictures(8)) source.onUnit(unit)
    const closing = registry.close(1000)
    clock.advance(1000)
    await closing
  })
})
