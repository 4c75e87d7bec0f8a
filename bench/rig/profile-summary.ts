/**
 * Where a CPU profile says the time went: functions by their own time, callees not counted.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

type Profile = {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const NOT_WORK = new Set(['(idle)', '(root)'])

/** The `count` functions with the most time of their own, of the largest profile in `directory`. */
export async function summariseProfile(directory: string, count: number): Promise<string[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.cpuprofile'))
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')))
  const longest = texts.toSorted((a, b) => b.length - a.length)[0]
  if (longest === undefined) return ['no profile was written']
  const profile = JSON.parse(longest) as Profile
  const ownTimes = timesByFunction(profile)
  const total = [...ownTimes.values()].reduce((sum, time) => sum + time, 0)
  return [...ownTimes]
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([name, time]) => `${((100 * time) / total).toFixed(1).padStart(5)} %  ${name}`)
}

function timesByFunction(profile: Profile): Map<string, number> {
  const names = new Map(profile.nodes.map((node) => [node.id, frameName(node.callFrame)]))
  const times = new Map<string, number>()
  for (const [index, id] of profile.samples.entries()) {
    const name = names.get(id) ?? '?'
    if (!NOT_WORK.has(name)) times.set(name, (times.get(name) ?? 0) + (profile.timeDeltas[index] ?? 0))
  }
  return times
}

function frameName(frame: Profile['nodes'][number]['callFrame']): string {
  const name = frame.functionName || '(anonymous)'
  if (frame.url === '') return name
  const place = frame.url.replace('file://', '').replace(ROOT, '')
  return `${name} ${place}:${frame.lineNumber + 1}`
}
