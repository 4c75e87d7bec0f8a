/**
 * `npm start`: sets up, then runs the server with the demo. Arguments after `--` go to `headwater serve`.
 */
import { join } from 'node:path'
import { run } from './child.js'
import { prepare, root } from './prepare.js'
import { SERVER_PROGRAMS } from './system-programs.js'

const node = await prepare(SERVER_PROGRAMS, 'npm start')
process.exitCode =
  node === undefined
    ? 1
    : await run(node, [join(root, 'bin', 'headwater.js'), 'serve', '--demo', ...process.argv.slice(2)])
