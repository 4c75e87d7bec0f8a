/**
 * What a process has used, from Linux's /proc.
 *
 * Spec: proc(5), `/proc/<pid>/stat` and `/proc/<pid>/status`.
 */
import { readFileSync } from 'node:fs'

/** USER_HZ, which Linux shows to programs as 100 on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100
/** Fields of `stat` after the command name in brackets, counted from the state. */
const USER_TICKS_FIELD = 11
const SYSTEM_TICKS_FIELD = 12

/** Processor time of all threads so far, in user mode and in the kernel. */
export type ProcessorTime = { readonly userSeconds: number; readonly systemSeconds: number }

/** Processor time that the process has used so far. */
export function processorTime(pid: number): ProcessorTime {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return {
    userSeconds: Number(fields[USER_TICKS_FIELD]) / TICKS_PER_SECOND,
    systemSeconds: Number(fields[SYSTEM_TICKS_FIELD]) / TICKS_PER_SECOND,
  }
}

/** Memory of the process that is in RAM now. */
export function residentBytes(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))
  return Number(line?.[1] ?? 0) * 1024
}

/** Processor use of one stretch of time. */
export type ProcessorShare = {
  readonly elapsedSeconds: number
  /** Cores in use on average: 1 is one core all the time. */
  readonly cores: number
  /** Part of that spent in the kernel. */
  readonly systemCores: number
}

/** Begins to measure; the result gives what was used since. */
export function measureProcessor(pid: number): () => ProcessorShare {
  const startMs = performance.now()
  const before = processorTime(pid)
  return () => {
    const elapsedSeconds = (performance.now() - startMs) / 1000
    const now = processorTime(pid)
    const userSeconds = now.userSeconds - before.userSeconds
    const systemSeconds = now.systemSeconds - before.systemSeconds
    return {
      elapsedSeconds,
      cores: (userSeconds + systemSeconds) / elapsedSeconds,
      systemCores: systemSeconds / elapsedSeconds,
    }
  }
}
