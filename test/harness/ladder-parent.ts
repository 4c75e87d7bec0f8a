/**
 * A process that runs a ladder of the clip named by its argument, prints its child's process id once pictures come back,
 * and goes on until it is killed.
 */
import { readFile } from 'node:fs/promises'
import { LadderRig } from './ladder-rig.ts'
import { readFlvFile } from './media/flv-file.ts'

const media = readFlvFile(await readFile(process.argv[2] ?? ''))
const rig = new LadderRig({ channel: { type: 'STANDARD', preset: '' }, speed: 1 })
rig.setTracks(media.tracks)
const feeding = rig.feed(media.units)
await rig.until(() => rig.output.pictures('160p30').length > 0)
process.stdout.write(`${rig.pids[0] ?? 0}\n`)
await feeding
