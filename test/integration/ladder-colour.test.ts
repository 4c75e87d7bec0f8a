/**
 * Colour of a source on the rungs that a real ffmpeg child makes of it: players must not guess.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { clip } from '../harness/ffmpeg-publisher.ts'
import { LadderRig, unitsBetween } from '../harness/ladder-rig.ts'
import { readFlvFile } from '../harness/media/flv-file.ts'
import { runFfmpeg } from '../harness/media/media-programs.ts'
import type { AccessUnit, MediaTrack } from '../../src/media/access-unit.ts'
import { nalUnits } from '../../src/media/codec/avc-nal.ts'

const START_CODE = Buffer.from([0, 0, 0, 1])

/** Values of ISO/IEC 23091-2 that no size of picture makes anybody guess. */
const COLOURS = [
  { name: 'BT.709 in full range', codes: [1, 1, 1, 1], probed: ['pc', 'bt709', 'bt709', 'bt709'] },
  { name: 'BT.2020 with PQ', codes: [9, 16, 9, 0], probed: ['tv', 'bt2020nc', 'smpte2084', 'bt2020'] },
]

test.each(COLOURS)('$name is told on every rung as the source told it', async ({ codes, probed }) => {
  const [primaries, transfer, matrix, isFullRange] = codes
  const metadata = `colour_primaries=${primaries}:transfer_characteristics=${transfer}:matrix_coefficients=${matrix}:video_full_range_flag=${isFullRange}`
  const source = await clip({ size: '640x360' })
  const args = [
    '-i',
    source,
    '-t',
    '2',
    '-c',
    'copy',
    '-bsf:v',
    `h264_metadata=${metadata}`,
    '-f',
    'flv',
    '-',
  ]
  const media = readFlvFile(await runFfmpeg(args))
  await using rig = new LadderRig({ channel: { type: 'STANDARD', preset: '' }, speed: 2 })
  rig.setTracks(media.tracks)
  await rig.feed(unitsBetween(media.units, 0, 2))
  await rig.end()
  for (const name of ['360p30', '160p30']) {
    const rung = rig.output.recorded.get(name)
    expect(await probeColour(rung?.tracks ?? [], rig.output.pictures(name)), name).toEqual(probed)
  }
})

/** Range, matrix, transfer and primaries. */
async function probeColour(tracks: readonly MediaTrack[], units: readonly AccessUnit[]): Promise<string[]> {
  const nals: Uint8Array[] = []
  for (const track of tracks) if (track.kind === 'video') nals.push(...track.avc.sps, ...track.avc.pps)
  for (const unit of units) if (unit.kind === 'video') nals.push(...nalUnits(unit.data))
  const stream = Buffer.concat(nals.flatMap((nal) => [START_CODE, nal]))
  const entries = 'stream=color_range,color_space,color_transfer,color_primaries'
  const args = ['-v', 'error', '-f', 'h264', '-i', '-', '-show_entries', entries, '-of', 'csv=p=0']
  const probe = promisify(execFile)('ffprobe', args)
  probe.child.stdin?.end(stream)
  return (await probe).stdout.trim().split(',')
}
