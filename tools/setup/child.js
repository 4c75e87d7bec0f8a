/**
 * Runs other programs: to their end for a result, or in our place with signals and exit code passed through.
 */
import { spawn, spawnSync } from 'node:child_process'
import { accessSync, constants, statSync, writeFileSync } from 'node:fs'
import { constants as osConstants, setPriority } from 'node:os'
import { delimiter, join } from 'node:path'

const PASSED_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']
// Where daemons such as nginx live; the PATH of an ordinary user often leaves these out.
const DAEMON_DIRECTORIES = ['/usr/sbin', '/sbin', '/usr/local/sbin']

/** Full path of the first of `names` that can be run, or undefined. */
export function findProgram(...names) {
  return findIn((process.env.PATH ?? '').split(delimiter).filter(Boolean), names)
}

/** The same for a program that runs as a service. */
export function findDaemon(name) {
  return findProgram(name) ?? findIn(DAEMON_DIRECTORIES, [name])
}

/** Whether a program ends well when run silently. */
export function succeeds(program, args) {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0
}

/** Runs a program with its output shown and resolves with its exit code; a signal or a failed start gives 1. */
export function run(program, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'inherit', ...options })
    const stopPassing = passSignals(child)
    child.on('error', (error) => {
      process.stderr.write(`${program}: ${error.message}\n`)
      stopPassing()
      resolve(1)
    })
    child.on('exit', (code) => {
      stopPassing()
      resolve(code ?? 1)
    })
  })
}

/**
 * Runs a program and resolves with its exit code and everything it wrote. With `isPatient` it and its children get what
 * time the processors have left.
 */
export function capture(program, args, { isPatient = false, ...options } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      ...options,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: isPatient,
    })
    if (isPatient && child.pid !== undefined) makePatient(child.pid)
    const stopPassing = passSignals(child)
    let output = ''
    const keep = (chunk) => (output += chunk)
    child.stdout.setEncoding('utf8').on('data', keep)
    child.stderr.setEncoding('utf8').on('data', keep)
    child.on('error', (error) => keep(`${program}: ${error.message}\n`))
    child.on('close', (code) => {
      stopPassing()
      resolve({ code: code ?? 1, output })
    })
  })
}

/** Linux may share the processors out by session first (sched(7), autogroup), so a session of its own has to give way too. */
function makePatient(pid) {
  setPriority(pid, osConstants.priority.PRIORITY_LOW)
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(osConstants.priority.PRIORITY_LOW))
  } catch {
    // There are no such groups.
  }
}

function passSignals(child) {
  const pass = (signal) => child.kill(signal)
  for (const signal of PASSED_SIGNALS) process.on(signal, pass)
  return () => {
    for (const signal of PASSED_SIGNALS) process.off(signal, pass)
  }
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

function findIn(directories, names) {
  for (const name of names) {
    const found = directories.map((directory) => join(directory, name)).find(isExecutable)
    if (found) return found
  }
  return undefined
}
