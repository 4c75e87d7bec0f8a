#!/usr/bin/env -S node --max-semi-space-size=8 --v8-pool-size=0
/**
 * The `headwater` command. Plain JavaScript that any Node from 18 on understands: it runs the program when this Node is
 * new enough, and otherwise hands over to the Node 24 that was installed with the packages.
 *
 * Young objects get 8 MB instead of 32: a collection of them then holds up media for a few milliseconds at most, however
 * many requests are under way. V8 gets one helping thread less than there are cores, at least one, instead of four: on one
 * core four threads that collect garbage leave a fifth of it to the media. `npm start` sets the same.
 */
import { spawn } from 'node:child_process'
import module, { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const WANTED_MAJOR = 24
const NODE_FLAGS = ['--max-semi-space-size=8', '--v8-pool-size=0']
/**
 * What the program was compiled to, for the next start: commands take half the time. Beside the packages and not in the
 * system's place for temporary files, where other users could leave something for us to run.
 */
const COMPILED = new URL('../node_modules/.cache/headwater', import.meta.url)
const PASSED_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2']

if (Number(process.versions.node.split('.')[0]) >= WANTED_MAJOR) {
  module.enableCompileCache(fileURLToPath(COMPILED))
  const { main } = await import('../src/app/main.ts')
  await main(process.argv.slice(2))
} else {
  handOver()
}

function handOver() {
  const program = [fileURLToPath(import.meta.url), ...process.argv.slice(2)]
  const child = spawn(packagedNode(), [...NODE_FLAGS, ...program], { stdio: 'inherit' })
  for (const signal of PASSED_SIGNALS) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => stop(`cannot run the packaged Node ${WANTED_MAJOR}: ${error.message}`))
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1)
    for (const passed of PASSED_SIGNALS) process.removeAllListeners(passed)
    process.kill(process.pid, signal)
  })
}

function packagedNode() {
  try {
    const require = createRequire(import.meta.url)
    return join(dirname(require.resolve('node/package.json')), 'bin', 'node')
  } catch {
    return stop(
      `this is Node ${process.versions.node}; want ${WANTED_MAJOR} or newer (or run npm start once)`,
    )
  }
}

function stop(message) {
  process.stderr.write(`headwater: ${message}\n`)
  process.exit(1)
}
