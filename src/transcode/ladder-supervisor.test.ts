import { describe, expect, test } from 'vitest'
import { ManualClock } from '../base/manual-clock.ts'
import type { Rung } from '../domain/ladder.ts'
import { refitLadder } from '../domain/ladder-policy.ts'
import type { AccessUnit } from '../media/access-unit.ts'
import { fakeLadderProcesses, type FakeLadderProcess } from '../../test/harness/fake-ladder-process.ts'
import { picture, SAMPLE_AUDIO, SAMPLE_VIDEO, SMALL_VIDEO } from '../../test/harness/media/sample-tracks.ts'
import { RecordingLadderOutput } from '../../test/harness/recording-ladder-output.ts'
import { RecordingLogger } from '../../test/harness/recording-logger.ts'
import { LadderSupervisor } from './ladder-supervisor.ts'

const FRAME_MS = 40
const PICTURES_A_SECOND = 1000 / FRAME_MS
const KEYFRAME_PICTURES = 25
const TICKS_PER_MS = 90

const TOP: Rung = {
  name: '160p30',
  displayName: '160p',
  video: {
    ...{ kind: 'transcode', width: 284, height: 160, bitrateBps: 230_000 },
    ...{ keepEvery: 1, frameRate: 25 },
  },
  audio: { kind: 'transcode', bitrateBps: 48_000 },
}
const LOW: Rung = { ...TOP, name: '90p30', displayName: '90p', audio: { kind: 'passthrough' } }

/** A supervisor on a manual clock, its fake children, and a source of 25 pictures a second. */
class Stage {
  readonly clock = new ManualClock()
  readonly output = new RecordingLadderOutput()
  readonly logger = new RecordingLogger()
  readonly children: FakeLadderProcess[]
  readonly supervisor: LadderSupervisor
  closed = 0
  failed = 0
  #pictures = 0

  constructor(rungs: readonly Rung[] = [TOP]) {
    const { start, children } = fakeLadderProcesses()
    this.children = children
    this.supervisor = new LadderSupervisor({
      ...{ start, rungs, clock: this.clock, logger: this.logger, output: this.output },
      encoder: { encoder: 'libx264', x264Preset: 'veryfast' },
      keyframes: 'source',
      refit: refitLadder,
      onFailed: () => {
        this.failed++
        this.supervisor.end()
      },
      onClosed: () => this.closed++,
    })
    this.supervisor.onTrack(SAMPLE_VIDEO)
    this.supervisor.onTrack(SAMPLE_AUDIO)
  }

  child(index: number): FakeLadderProcess {
    const child = this.children[index]
    if (!child) throw new Error(`only ${this.children.length} children`)
    return child
  }

  /** The source begins, and its keyframe is put out. */
  begin(): void {
    this.play(1)
    this.child(0).givePicture(0, 0, true)
  }

  /** The source goes on for some pictures; each is put out at once by the child named, if any. */
  play(count: number, by?: FakeLadderProcess): void {
    for (let i = 0; i < count; i++) {
      const timeMs = this.#pictures * FRAME_MS
      const keyframe = this.#pictures++ % KEYFRAME_PICTURES === 0
      this.supervisor.onUnit(picture({ dtsTicks: timeMs * TICKS_PER_MS, keyframe }))
      by?.givePicture(0, timeMs, keyframe)
      this.clock.advance(FRAME_MS)
    }
  }

  /** The source from its next keyframe on, with another track. */
  change(track: typeof SAMPLE_VIDEO): void {
    while (this.#pictures % KEYFRAME_PICTURES !== 0) this.#pictures++
    this.supervisor.onTrack(track)
  }

  shownMs(name = '160p30'): number[] {
    return this.output.pictures(name).map((unit: AccessUnit) => unit.ptsTicks / TICKS_PER_MS)
  }
}

/** The first child gives both rungs late, for as long as it takes to be killed for that, or for 12 seconds. */
function fallBehind(stage: Stage, lateMs = 3000): void {
  stage.play(lateMs / FRAME_MS)
  for (let i = 0; i < 12 * PICTURES_A_SECOND && !stage.child(0).killed; i++) {
    for (const output of [0, 1]) stage.child(0).givePicture(output, i * FRAME_MS, i % KEYFRAME_PICTURES === 0)
    stage.play(1)
  }
}

/** `from`, `from + 40`, … below `to`. */
function every40(from: number, to: number): number[] {
  return Array.from({ length: (to - from) / FRAME_MS }, (_, index) => from + index * FRAME_MS)
}

describe('a child that works', () => {
  test('is fed from the first keyframe on and its pictures reach the rung with the times of the source', () => {
    const stage = new Stage()
    stage.begin()
    stage.play(30, stage.child(0))
    expect(
      stage
        .child(0)
        .tags.slice(0, 2)
        .map(({ type, body }) => [type, body[1]]),
    ).toEqual([
      [9, 0],
      [8, 0],
    ])
    expect(stage.child(0).fedPicturesMs).toEqual(every40(0, 31 * FRAME_MS))
    expect(stage.shownMs()).toEqual(every40(0, 31 * FRAME_MS))
  })

  test('has its sound put onto the grid of samples', () => {
    const stage = new Stage()
    stage.play(1)
    // The second frame is off by what rounding to milliseconds makes, the fourth begins after a hole.
    for (const sample of [1000, 2040, 3048, 9000]) stage.child(0).giveSound(1, sample)
    const samples = stage.output.frames('160p30').map(({ ptsTicks }) => Math.round((ptsTicks * 48) / 90))
    expect(samples).toEqual([1000, 2024, 3048, 9000])
  })

  test('is told to finish at the end of the source, and its last pictures are delivered', () => {
    const stage = new Stage()
    stage.play(10)
    stage.supervisor.end()
    expect(stage.child(0).finished).toBe(true)
    stage.child(0).givePicture(0, 0, true)
    expect([stage.output.rung('160p30').ended, stage.closed]).toEqual([false, 0])
    stage.child(0).end()
    expect(stage.shownMs()).toEqual([0])
    expect([stage.output.rung('160p30').ended, stage.closed]).toEqual([true, 1])
  })

  test('is killed when it does not finish within a second', () => {
    const stage = new Stage()
    stage.play(10)
    stage.supervisor.end()
    stage.clock.advance(999)
    expect(stage.child(0).killed).toBe(false)
    stage.clock.advance(1)
    expect(stage.child(0).killed).toBe(true)
    expect(stage.clock.pendingTimers).toBe(0)
  })

  test('is killed at once when the ladder is closed', () => {
    const stage = new Stage()
    stage.play(10)
    stage.supervisor.close()
    expect([stage.child(0).killed, stage.closed, stage.clock.pendingTimers]).toEqual([true, 1, 0])
    stage.child(0).end('SIGKILL')
    expect([stage.children.length, stage.closed]).toEqual([1, 1])
  })
})

describe('a child that dies', () => {
  test('is followed at once by one that is fed from the last keyframe and begins with the first picture missing', () => {
    const stage = new Stage()
    stage.begin()
    stage.play(29, stage.child(0))
    stage.play(5)
    stage.child(0).end('SIGKILL')
    expect(stage.children).toHaveLength(2)
    expect(stage.child(1).fedPicturesMs).toEqual(every40(1000, 35 * FRAME_MS))
    expect(stage.child(1).option('-vf')).toContain("select='gte(t,1.1605)'")
    for (const timeMs of every40(1000, 1400)) stage.child(1).givePicture(0, timeMs, timeMs === 1000)
    expect(stage.shownMs()).toEqual(every40(0, 1400))
    expect(stage.output.discontinuities).toBe(0)
    expect(stage.supervisor.health).toMatchObject({ state: 'ok', deaths: 1 })
  })

  test('is logged once with its last words', () => {
    const stage = new Stage()
    stage.play(10)
    stage.child(0).end(null, 1)
    const lines = stage.logger.lines.filter(({ level }) => level === 'warn')
    expect(lines).toHaveLength(1)
    expect(lines[0]?.fields).toMatchObject({ cause: 'died', exitCode: 1, lastWords: 'last words' })
  })

  test('twice at the same input loses it: the next one goes on at the keyframe behind it', () => {
    const stage = new Stage()
    stage.begin()
    stage.play(29)
    stage.child(0).end('SIGSEGV')
    stage.child(1).end('SIGSEGV')
    stage.clock.advance(249)
    expect(stage.children).toHaveLength(2)
    stage.clock.advance(1)
    expect(stage.child(2).fedPicturesMs).toEqual(every40(1000, 30 * FRAME_MS))
  })

  test('twice by a signal from outside is not blamed on the input', () => {
    const stage = new Stage()
    stage.play(20)
    stage.child(0).end('SIGKILL')
    stage.child(1).end('SIGKILL')
    stage.clock.advance(250)
    expect(stage.child(2).fedPicturesMs[0]).toBe(0)
  })
})

describe('children that never give a picture', () => {
  const dieInTurn = (stage: Stage): void => {
    stage.play(1)
    for (let index = 0; index < 8; index++) {
      stage.children[index]?.end(null, 1)
      for (let waited = 0; waited < 500 && stage.children.length < index + 2; waited++) stage.play(1)
    }
  }

  test('fail the stream when there is nothing else to watch', () => {
    const stage = new Stage()
    dieInTurn(stage)
    expect([stage.failed, stage.children.length]).toEqual([1, 6])
  })

  test('are started again and again beside a source that is passed through', () => {
    const source: Rung = { ...TOP, name: 'chunked', displayName: '720p30', video: { kind: 'passthrough' } }
    const stage = new Stage([source, TOP])
    dieInTurn(stage)
    expect([stage.failed, stage.children.length]).toEqual([0, 9])
  })
})

describe('a child that hangs', () => {
  test('is killed within two seconds of its last picture, and the next one gives what is missing', () => {
    const stage = new Stage()
    stage.begin()
    stage.play(20, stage.child(0))
    stage.play(50)
    expect(stage.child(0).killed).toBe(true)
    stage.child(0).end('SIGKILL')
    expect(stage.logger.lines.at(-1)?.fields).toMatchObject({ cause: 'hung' })
    expect(stage.child(1).fedPicturesMs[0]).toBe(0)
    expect(stage.child(1).option('-vf')).toContain("select='gte(t,0.8005)'")
  })

  test('is not what a source looks like that pauses', () => {
    const stage = new Stage()
    stage.begin()
    stage.play(20, stage.child(0))
    stage.clock.advance(10_000)
    stage.play(3, stage.child(0))
    expect(stage.child(0).killed).toBe(false)
  })
})

describe('a child that is too slow', () => {
  test('gives up its best rung, which shows the next one then, without a picture lost', () => {
    const stage = new Stage([TOP, LOW])
    stage.play(1)
    fallBehind(stage)
    expect(stage.output.redirects).toEqual(['160p30 to 90p30'])
    expect(stage.supervisor.health).toMatchObject({ state: 'behind', shedRungs: ['160p30'] })
    stage.child(0).end('SIGKILL')
    expect(stage.children).toHaveLength(2)
    expect(stage.child(1).args.filter((argument) => argument === '-vf')).toHaveLength(1)
    expect(stage.supervisor.health.deaths).toBe(0)
  })

  test.each([
    { lateMs: 1200, givenUp: ['160p30'] },
    { lateMs: 960, givenUp: [] },
  ])('by $lateMs ms for ten seconds gives up $givenUp', ({ lateMs, givenUp }) => {
    const stage = new Stage([TOP, LOW])
    stage.play(1)
    fallBehind(stage, lateMs)
    expect(stage.supervisor.health.shedRungs).toEqual(givenUp)
  })

  test('has that rung back with a keyframe after two calm minutes, without a picture lost', () => {
    const stage = new Stage([TOP, LOW])
    stage.play(1)
    fallBehind(stage)
    stage.child(0).end('SIGKILL')
    const firstMs = stage.child(1).fedPicturesMs[0] ?? 0
    for (const timeMs of stage.child(1).fedPicturesMs) {
      stage.child(1).givePicture(0, timeMs, timeMs === firstMs)
    }
    stage.play(110 * PICTURES_A_SECOND, stage.child(1))
    expect(stage.children).toHaveLength(2)
    for (let i = 0; i < 15 * PICTURES_A_SECOND && stage.children.length === 2; i++) {
      stage.play(1, stage.child(1))
    }
    expect(stage.output.redirects).toEqual(['160p30 to 90p30', '160p30 to 160p30'])
    expect(stage.supervisor.health).toMatchObject({ state: 'ok', shedRungs: [] })
    expect([stage.child(1).finished, stage.child(1).killed]).toEqual([true, false])
    const backMs = stage.child(2).fedPicturesMs[0] ?? 0
    expect(backMs % (KEYFRAME_PICTURES * FRAME_MS)).toBe(0)
    expect(stage.child(2).args.filter((argument) => argument === '-vf')).toHaveLength(2)
    stage.child(1).end()
    for (const output of [0, 1]) stage.child(2).givePicture(output, backMs, true)
    expect(stage.shownMs('160p30').at(-1)).toBe(backMs)
    expect(stage.shownMs('90p30')).toEqual(every40(0, backMs + FRAME_MS))
  })

  test('keeps its last rung, and goes on at the newest keyframe when it is far behind', () => {
    const stage = new Stage([LOW])
    stage.begin()
    for (let i = 1; i < 260 && !stage.child(0).killed; i++) {
      stage.play(1)
      if (i % 10 === 0) stage.child(0).givePicture(0, i * 4)
    }
    expect(stage.output.redirects).toEqual([])
    stage.child(0).end('SIGKILL')
    expect(stage.child(1).fedPicturesMs[0]).toBeGreaterThanOrEqual(7000)
  })

  test('does not make the server hold more than a bounded part of the source', () => {
    const stage = new Stage()
    stage.play(10)
    stage.child(0).stopReading(30 * 1024 * 1024)
    stage.clock.advance(250)
    expect(stage.child(0).killed).toBe(true)
  })
})

describe('a source that changes its size', () => {
  test('gets a new child at the keyframe, with rungs that fit, whose pictures wait for the last ones of the old', () => {
    const stage = new Stage()
    stage.begin()
    stage.play(24)
    stage.change(SMALL_VIDEO)
    stage.play(2)
    expect([stage.child(0).finished, stage.children.length]).toEqual([true, 2])
    expect(stage.child(0).fedPicturesMs.at(-1)).toBe(960)
    expect(stage.child(1).fedPicturesMs).toEqual([1000, 1040])
    expect(stage.child(1).option('-vf')).toContain('scale=64:64')
    stage.child(1).givePicture(0, 1000, true)
    expect(stage.shownMs()).toEqual([0])
    stage.child(0).givePicture(0, 960)
    stage.child(0).end()
    expect(stage.shownMs()).toEqual([0, 960, 1000])
  })

  test('back to what it was has the rungs back', () => {
    const stage = new Stage()
    stage.play(25)
    stage.change(SMALL_VIDEO)
    stage.play(25)
    stage.change(SAMPLE_VIDEO)
    stage.play(1)
    expect(stage.child(2).option('-vf')).toContain('scale=284:160')
  })
})
