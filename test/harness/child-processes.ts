/**
 * Finds what this process started, for tests that end it or stop it behind the server's back.
 *
 * Spec: proc(5), `/proc/<pid>/task/<tid>/children` and `/proc/<pid>/cmdline`.
 */
import { readdirSync, readFileSync } from 'node:fs'

/** Process ids of the transcoders that a server in this process runs, oldest first. */
export function transcoderPids(): number[] {
  return childPidsWith('pipe:3')
}

/** Process ids of this process's children that have `argument` in their command line, oldest first. */
export function childPidsWith(argument: string): number[] {
  return childPids()
    .filter((pid) => argumentsOf(pid).includes(argument))
    .sort((a, b) => a - b)
}

function childPids(): number[] {
  return readdirSync('/proc/self/task').flatMap((thread) => {
    const pids = readFileSync(`/proc/self/task/${thread}/children`, 'latin1').trim()
    return pids === '' ? [] : pids.split(' ').map(Number)
  })
}

function argumentsOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0')
  } catch {
    // It has just ended.
    return []
  }
}
