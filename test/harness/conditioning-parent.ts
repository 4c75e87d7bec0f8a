/**
 * A process that conditions the creative named by its argument, prints its child's process id once that encodes, and goes
 * on until it is killed.
 */
import { SMALL_PROFILE, TEST_TOOL, CreativeFiles } from './creative-files.ts'

const [directory = '', file = ''] = process.argv.slice(2)
let runs = 0
const onPid = (pid: number): void => {
  // The first one only looks at the file.
  if (++runs === 2) process.stdout.write(`${pid}\n`)
}
const library = await CreativeFiles.in(directory).openLibrary('ads', { mediaTool: { ...TEST_TOOL, onPid } })
await library.warm([`http://ads.test/${file}`], SMALL_PROFILE)
