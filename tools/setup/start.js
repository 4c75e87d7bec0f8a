/**
 * `npm start`: sets up, then runs the server with the demo. Arguments after `--` go to `headwater serve`.
 */
import { join } from 'node:path'
import { run } from './child.js'
import { prepare, root } from './prepare.js'
import { SERVER_PROGRAMS } from './system-programs.js'

/** As in the first line of `bin/headwater.js`, which says why. */
const NODE_FLAGS = ['--max-semi-space-size=8', '--v8-pool-size=0']

const node = await prepare(SERVER_PROGRAMS, 'npm start')
process.exitCode =
  node === undefined
    ? 1
    : await run(node, [
        ...NODE_FLAGS,
        join(root, 'bin', 'headwater.js'),
        'serve',
        '--demo',
        ...process.argv.slice(2),
      ])
