/**
 * What a command prints: one table, then where and how it was measured.
 */
import { readFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { execFileSync } from 'node:child_process'
import { packageVersion } from '../../src/app/package-version.ts'

/** Well above zero means that others were using the machine. */
const LOAD_BEFORE = loadavg()[0] ?? 0

/** Programs beside this one whose version matters to a figure. */
export type MeasuredProgram = 'nginx' | 'ffmpeg' | 'chromium' | 'wrk'

/** Packages whose version matters to a figure. */
export type MeasuredPackage = 'hls.js' | 'amazon-ivs-player'

/** A table with what belongs to it. */
export type Report = {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly programs: readonly MeasuredProgram[]
  readonly packages?: readonly MeasuredPackage[]
  /** Exact settings, one a line. */
  readonly settings: readonly string[]
  /** Targets with what was reached, and whatever else a reader must know. */
  readonly findings: readonly string[]
}

/** Prints the report as Markdown. */
export function printReport(report: Report): void {
  const lines = [
    '',
    `## ${report.title}`,
    '',
    ...tableLines([report.columns, ...report.rows]),
    '',
    ...report.findings.map((finding) => `- ${finding}`),
    '',
    `Machine: ${machine()}.`,
    `Versions: ${versions(report)}.`,
    'Settings:',
    ...report.settings.map((setting) => `- ${setting}`),
    '',
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}

/** Says what goes on, beside the report. */
export function progress(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** One finding about a target: the figure, what was wanted and whether that is so. */
export function judged(what: string, value: string, target: string, reached: boolean): string {
  return `${what}: ${value}; target ${target}: ${reached ? 'reached' : 'not reached'}`
}

function tableLines(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  const [head = [], ...body] = rows
  return [line(head), rule, ...body.map(line)]
}

function machine(): string {
  const cores = cpus()
  const gigabytes = Math.round(totalmem() / 1024 ** 3)
  return `${cores[0]?.model.trim() ?? 'unknown'}, ${cores.length} cores, ${gigabytes} GB; ${systemName()}; load average ${LOAD_BEFORE.toFixed(1)} before`
}

function systemName(): string {
  const release = readFileSync('/etc/os-release', 'utf8')
  return /^PRETTY_NAME="(.*)"$/m.exec(release)?.[1] ?? 'Linux'
}

const VERSION_ARGUMENT: Readonly<Record<MeasuredProgram, string>> = {
  nginx: '-v',
  ffmpeg: '-version',
  chromium: '--version',
  wrk: '-v',
}

function versions({ programs, packages = [] }: Report): string {
  const own = [`headwater ${packageVersion()}`, `node ${process.versions.node}`]
  const others = programs.map((program) => `${program} ${versionOf(program)}`)
  return [...own, ...others, ...packages.map((name) => `${name} ${installedVersion(name)}`)].join(', ')
}

function installedVersion(name: MeasuredPackage): string {
  const file = new URL(`../../node_modules/${name}/package.json`, import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}

function versionOf(program: MeasuredProgram): string {
  const command = `${program} ${VERSION_ARGUMENT[program]} 2>&1 || true`
  const text = execFileSync('sh', ['-c', command], { encoding: 'utf8' })
  return /\d+\.\d+(\.\d+)*/.exec(text)?.[0] ?? 'unknown'
}
