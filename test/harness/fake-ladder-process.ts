/**
 * A ladder's child that does nothing by itself: a test sees what it was fed and decides what it gives and when it ends.
 */
import { rescaleTicks } from '../../src/base/ticks.ts'
import { TS_SHIFT_TICKS, TsMuxer } from '../../src/media/mpegts/ts-muxer.ts'
import type { LadderProcess, ProcessEvents, StartProcess } from '../../src/transcode/ladder-process.ts'
import { flvTags, type FlvTag } from './media/flv-file.ts'
import { audioFrames, picture, SAMPLE_AUDIO, SAMPLE_VIDEO } from './media/sample-tracks.ts'

const VIDEO_TAG = 9
const TICKS_PER_MS = 90

/** One child. */
export class FakeLadderProcess implements LadderProcess {
  readonly args: readonly string[]
  finished = false
  killed = false
  #backlogBytes = 0
  readonly #events: ProcessEvents
  readonly #written: Uint8Array[] = []
  readonly #muxers = new Map<string, TsMuxer>()

  constructor(args: readonly string[], events: ProcessEvents) {
    this.args = args
    this.#events = events
  }

  readonly backlogBytes = (): number => this.#backlogBytes

  readonly write = (pieces: readonly Uint8Array[]): void => {
    this.#written.push(...pieces)
  }

  readonly finish = (): void => {
    this.finished = true
  }

  readonly kill = (): void => {
    this.killed = true
  }

  /** From now on so many bytes wait. */
  stopReading(backlogBytes: number): void {
    this.#backlogBytes = backlogBytes
  }

  /** Everything it was fed. */
  get tags(): FlvTag[] {
    return flvTags(Buffer.concat(this.#written))
  }

  /** Times of the pictures it was fed, in milliseconds. */
  get fedPicturesMs(): number[] {
    return this.tags
      .filter(({ type, body }) => type === VIDEO_TAG && body[1] === 1)
      .map(({ timeMs }) => timeMs)
  }

  /** Argument that follows `name` in the output of that index. */
  option(name: string, output = 0): string | undefined {
    const positions = this.args.flatMap((argument, index) => (argument === name ? [index] : []))
    return this.args[(positions[output] ?? -2) + 1]
  }

  /** Puts a picture of that time out. */
  givePicture(output: number, timeMs: number, keyframe = false): void {
    const muxer = this.#muxer(output, () => new TsMuxer({ video: SAMPLE_VIDEO, audio: undefined }))
    const dtsTicks = timeMs * TICKS_PER_MS - TS_SHIFT_TICKS
    this.#events.onOutput(output, muxer.writePart([picture({ dtsTicks, keyframe })]))
  }

  /** Puts sound out, from a sample number on. */
  giveSound(output: number, firstSample: number, frames = 1): void {
    const muxer = this.#muxer(output, () => new TsMuxer({ video: undefined, audio: SAMPLE_AUDIO }))
    const shift = rescaleTicks(TS_SHIFT_TICKS, 90_000, SAMPLE_AUDIO.aac.sampleRate)
    const units = audioFrames(SAMPLE_AUDIO, frames, { firstSample: firstSample - shift })
    this.#events.onOutput(output, muxer.writePart(units))
  }

  /** Ends. */
  end(signal: string | null = null, exitCode: number | null = signal === null ? 0 : null): void {
    this.#events.onEnd({ exitCode, signal, lastWords: 'last words' })
  }

  #muxer(output: number, create: () => TsMuxer): TsMuxer {
    const key = String(output)
    const muxer = this.#muxers.get(key) ?? create()
    this.#muxers.set(key, muxer)
    return muxer
  }
}

/** A starter of such children, and all that it started. */
export function fakeLadderProcesses(): { start: StartProcess; children: FakeLadderProcess[] } {
  const children: FakeLadderProcess[] = []
  const start: StartProcess = (args, _outputs, events) => {
    const child = new FakeLadderProcess(args, events)
    children.push(child)
    return child
  }
  return { start, children }
}
