/**
 * Reads ISO BMFF boxes and movie fragments and fails at the first thing a strict reader would not accept.
 *
 * Written from ISO/IEC 14496-12 alone and apart from the muxer, so that it can disagree with it.
 */
import assert from 'node:assert/strict'

/** One box; `children` only for boxes that hold nothing but boxes. */
export type WalkedBox = {
  readonly type: string
  /** Where the box begins in the walked bytes. */
  readonly start: number
  /** Contents, for full boxes with version and flags. */
  readonly body: Buffer
  readonly children: readonly WalkedBox[]
}

/** One sample of a fragment. */
export type WalkedSample = {
  readonly dts: number
  readonly pts: number
  readonly duration: number
  readonly sync: boolean
  readonly data: Buffer
}

/** One track of a fragment. */
export type WalkedRun = {
  readonly trackId: number
  readonly samples: readonly WalkedSample[]
  /** Which optional fields of `trun` are there. */
  readonly runFlags: number
}

/** One `moof` and its `mdat`. */
export type WalkedFragment = { readonly sequenceNumber: number; readonly runs: readonly WalkedRun[] }

const CONTAINERS = new Set(['moov', 'trak', 'mdia', 'minf', 'dinf', 'stbl', 'mvex', 'moof', 'traf'])

/** All boxes of `bytes`, which they fill exactly. */
export function walkBoxes(bytes: Buffer, from = 0, to: number = bytes.length): WalkedBox[] {
  const boxes: WalkedBox[] = []
  let at = from
  while (at < to) {
    assert(at + 8 <= to, 'room for a box header')
    const sizeBytes = bytes.readUInt32BE(at)
    const type = bytes.toString('latin1', at + 4, at + 8)
    assert(sizeBytes >= 8 && at + sizeBytes <= to, `size of ${type}`)
    const children = CONTAINERS.has(type) ? walkBoxes(bytes, at + 8, at + sizeBytes) : []
    boxes.push({ type, start: at, body: bytes.subarray(at + 8, at + sizeBytes), children })
    at += sizeBytes
  }
  return boxes
}

/** The one box at `path`; fails when there are none or several. */
export function findBox(boxes: readonly WalkedBox[], ...path: readonly string[]): WalkedBox {
  const [type, ...rest] = path
  const found = boxes.filter((box) => box.type === type)
  assert.equal(found.length, 1, `one ${type ?? ''}`)
  const only = found[0]
  assert(only)
  return rest.length === 0 ? only : findBox(only.children, ...rest)
}

/** Fragments of `bytes`, each a `moof` and the `mdat` behind it, whose samples fill the `mdat` exactly; `emsg` may lie between. */
export function walkFragments(bytes: Buffer): WalkedFragment[] {
  const boxes = walkBoxes(bytes).filter(({ type }) => type !== 'emsg')
  assert.equal(boxes.length % 2, 0, 'pairs of moof and mdat')
  const fragments: WalkedFragment[] = []
  for (let i = 0; i < boxes.length; i += 2) {
    const [moof, mdat] = [boxes[i], boxes[i + 1]]
    assert(moof && mdat)
    assert.deepEqual([moof.type, mdat.type], ['moof', 'mdat'])
    fragments.push(readFragment(bytes, moof, mdat))
  }
  return fragments
}

/** One `emsg` (ISO/IEC 23009-1 §5.10.3.3). */
export type WalkedMessage = {
  readonly version: number
  readonly scheme: string
  readonly value: string
  readonly timescale: number
  /** Version 0: counted from somewhere else; version 1: media time. */
  readonly time: number
  readonly duration: number
  readonly id: number
  readonly message: Buffer
}

/** The event messages among top-level `boxes`, in order. */
export function readMessages(boxes: readonly WalkedBox[]): WalkedMessage[] {
  return boxes.filter(({ type }) => type === 'emsg').map(({ body }) => readMessage(body))
}

function readMessage(body: Buffer): WalkedMessage {
  const fields = new FieldReader(body)
  const versionAndFlags = fields.u32()
  assert.equal(versionAndFlags & 0xff_ffff, 0, 'no flags')
  const version = versionAndFlags >>> 24
  assert(version <= 1, 'version of emsg')
  const names = (): { scheme: string; value: string } => ({ scheme: fields.text(), value: fields.text() })
  const early = version === 0 ? names() : undefined
  const timescale = fields.u32()
  const time = version === 0 ? fields.u32() : fields.u32() * 2 ** 32 + fields.u32()
  const [duration, id] = [fields.u32(), fields.u32()]
  return { version, ...(early ?? names()), timescale, time, duration, id, message: fields.rest() }
}

function readFragment(bytes: Buffer, moof: WalkedBox, mdat: WalkedBox): WalkedFragment {
  assert.equal(moof.children[0]?.type, 'mfhd', 'mfhd comes first')
  const sequenceNumber = findBox(moof.children, 'mfhd').body.readUInt32BE(4)
  let expectedStart = mdat.start + 8
  const runs = moof.children.slice(1).map((traf) => {
    assert.equal(traf.type, 'traf')
    const { run, dataStart, dataEnd } = readRun(bytes, moof.start, traf)
    assert.equal(dataStart, expectedStart, 'data offset')
    expectedStart = dataEnd
    return run
  })
  assert.equal(expectedStart, mdat.start + 8 + mdat.body.length, 'samples fill mdat')
  return { sequenceNumber, runs }
}

function readRun(
  bytes: Buffer,
  moofStart: number,
  traf: WalkedBox,
): { run: WalkedRun; dataStart: number; dataEnd: number } {
  assert.deepEqual(
    traf.children.map((box) => box.type),
    ['tfhd', 'tfdt', 'trun'],
  )
  const defaults = readDefaults(findBox(traf.children, 'tfhd').body)
  const tfdt = findBox(traf.children, 'tfdt').body
  assert.equal(tfdt.readUInt32BE(0), 0x0100_0000, 'tfdt version 1')
  const trun = new FieldReader(findBox(traf.children, 'trun').body)
  const versionAndFlags = trun.u32()
  assert.equal(versionAndFlags >>> 24, 1, 'trun version 1')
  const runFlags = versionAndFlags & 0xff_ffff
  assert.equal(runFlags & ~0xf05, 0, 'known trun flags')
  const count = trun.u32()
  assert.notEqual(runFlags & 1, 0, 'data offset present')
  const dataStart = moofStart + trun.i32()
  const firstFlags = runFlags & 4 ? trun.u32() : undefined
  assert(!(firstFlags !== undefined && runFlags & 0x400), 'first flags exclude flags for each')
  let dts = Number(tfdt.readBigUInt64BE(4))
  let at = dataStart
  const samples: WalkedSample[] = []
  for (let i = 0; i < count; i++) {
    const duration = runFlags & 0x100 ? trun.u32() : present(defaults.duration)
    const sizeBytes = runFlags & 0x200 ? trun.u32() : present(defaults.sizeBytes)
    const ownFlags = runFlags & 0x400 ? trun.u32() : undefined
    const flags = ownFlags ?? (i === 0 ? firstFlags : undefined) ?? present(defaults.flags)
    const shift = runFlags & 0x800 ? trun.i32() : 0
    const data = bytes.subarray(at, at + sizeBytes)
    assert(flags === 0x0200_0000 || flags === 0x0101_0000, 'sample flags')
    samples.push({ dts, pts: dts + shift, duration, sync: flags === 0x0200_0000, data })
    at += sizeBytes
    dts += duration
  }
  assert(trun.done, 'trun is read to its end')
  return { run: { trackId: defaults.trackId, samples, runFlags }, dataStart, dataEnd: at }
}

type FragmentDefaults = {
  readonly trackId: number
  readonly duration: number | undefined
  readonly sizeBytes: number | undefined
  readonly flags: number | undefined
}

function readDefaults(body: Buffer): FragmentDefaults {
  const fields = new FieldReader(body)
  const tfhdFlags = fields.u32()
  assert.equal(tfhdFlags & ~0x38, 0x2_0000, 'version 0, base is moof')
  const trackId = fields.u32()
  const duration = tfhdFlags & 0x8 ? fields.u32() : undefined
  const sizeBytes = tfhdFlags & 0x10 ? fields.u32() : undefined
  const flags = tfhdFlags & 0x20 ? fields.u32() : undefined
  assert(fields.done, 'tfhd is read to its end')
  return { trackId, duration, sizeBytes, flags }
}

class FieldReader {
  readonly #body: Buffer
  #at = 0

  constructor(body: Buffer) {
    this.#body = body
  }

  get done(): boolean {
    return this.#at === this.#body.length
  }

  u32(): number {
    this.#at += 4
    return this.#body.readUInt32BE(this.#at - 4)
  }

  /** Characters up to a NUL. */
  text(): string {
    const end = this.#body.indexOf(0, this.#at)
    assert(end >= 0, 'end of text')
    const text = this.#body.toString('utf8', this.#at, end)
    this.#at = end + 1
    return text
  }

  rest(): Buffer {
    return this.#body.subarray(this.#at)
  }

  i32(): number {
    this.#at += 4
    return this.#body.readInt32BE(this.#at - 4)
  }
}

function present(value: number | undefined): number {
  assert(value !== undefined, 'neither own nor default value')
  return value
}
