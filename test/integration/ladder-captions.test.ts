/**
 * Captions of a source on every rung that real ffmpeg children make of it: none lost, none doubled, in order.
 */
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { clip } from '../harness/ffmpeg-publisher.ts'
import { LadderRig, unitsBetween } from '../harness/ladder-rig.ts'
import { readFlvFile } from '../harness/media/flv-file.ts'
import type { AccessUnit } from '../../src/media/access-unit.ts'
import { addCaptions, readCaptions } from '../../src/media/codec/captions.ts'

const STANDARD = { type: 'STANDARD', preset: '' } as const
const ADVANCED_SD = { type: 'ADVANCED_SD', preset: 'HIGHER_BANDWIDTH_DELIVERY' } as const

const CASES = [
  {
    name: 'of all pictures',
    channel: STANDARD,
    source: { size: '640x360', bFrames: 2 },
    rungs: ['360p30', '160p30'],
    dies: false,
  },
  {
    name: 'of every second picture',
    channel: ADVANCED_SD,
    source: { size: '640x480', frameRate: 60 },
    rungs: ['480p30', '360p30', '160p30'],
    dies: false,
  },
  {
    name: 'of a child that dies',
    channel: ADVANCED_SD,
    source: { size: '640x480', frameRate: 60 },
    rungs: ['480p30', '160p30'],
    dies: true,
  },
]

test.concurrent.for(CASES)('captions are whole on rungs $name', async ({ channel, source, rungs, dies }) => {
  const media = readFlvFile(await readFile(await clip(source)))
  const units = captioned(unitsBetween(media.units, 0, 6))
  await using rig = new LadderRig({ channel, ...(dies && { speed: 1.5 }) })
  rig.setTracks(media.tracks)
  const half = units.findIndex((unit) => unit.dtsTicks > 3.3 * 90_000)
  await rig.feed(units.slice(0, half))
  if (dies) process.kill(rig.pids[0] ?? 0, 'SIGKILL')
  await rig.feed(units.slice(half))
  await rig.end()
  const expected = captionsOf(units)
  for (const name of rungs) {
    const shown = captionsOf(rig.output.pictures(name))
    // Captions of a last picture that is left out have no picture to go to.
    expect(shown.length, name).toBeGreaterThan(expected.length - 2)
    expect(shown, name).toEqual(expected.slice(0, shown.length))
  }
})

/** Every picture says its number, in the order of decoding, by a pair of CEA-608. */
function captioned(units: readonly AccessUnit[]): AccessUnit[] {
  let number = 0
  return units.map((unit) => {
    if (unit.kind !== 'video') return unit
    number++
    return { ...unit, data: addCaptions(unit.data, Buffer.from([0xfc, number >> 8, number & 255])) }
  })
}

/** In the order shown. */
function captionsOf(units: readonly AccessUnit[]): string[] {
  return units
    .filter((unit) => unit.kind === 'video')
    .toSorted((a, b) => a.ptsTicks - b.ptsTicks)
    .flatMap(
      ({ data }) =>
        Buffer.from(readCaptions(data) ?? [])
          .toString('hex')
          .match(/.{6}/g) ?? [],
    )
}
