/**
 * Runs the set-up in a copy of the project's skeleton, on a machine that has only what each test gives it.
 */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const LOCK = JSON.stringify({
  packages: { '': {}, 'node_modules/x': { version: '1.0.0', integrity: 'sha512-x' } },
})

/** A bundler that makes an empty page and notes that it ran. */
const FAKE_VITE = `
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
mkdirSync('console/dist', { recursive: true })
writeFileSync('console/dist/index.html', '')
appendFileSync('../log', 'vite ' + process.argv[2] + '\\n')
`

let machine = ''
let project = ''

beforeEach(() => {
  machine = mkdtempSync(join(tmpdir(), 'headwater-setup-'))
  project = join(machine, 'project')
  cpSync(import.meta.dirname, join(project, 'tools', 'setup'), { recursive: true })
  write('project/package.json', '{ "type": "module" }')
  write('project/package-lock.json', LOCK)
  write('project/console/index.html', '<p>console</p>')
  write('project/bin/headwater.js', "console.log('server', ...process.argv.slice(2)); process.exit(7)")
  write('lock.json', LOCK)
  write('vite.js', FAKE_VITE)
  program(
    'npm',
    `echo "npm $*" >> "${machine}/log"
    mkdir -p node_modules/vite/bin
    cp "${machine}/lock.json" node_modules/.package-lock.json
    cp "${machine}/vite.js" node_modules/vite/bin/vite.js`,
  )
})

afterEach(() => rmSync(machine, { recursive: true }))

function write(path: string, text: string): void {
  const full = join(machine, path)
  mkdirSync(dirname(full), { recursive: true })
  writeFileSync(full, text)
}

function program(name: string, script: string): void {
  write(`path/${name}`, `#!/bin/sh\n${script}\n`)
  chmodSync(join(machine, 'path', name), 0o755)
}

function runSetup(
  script: 'start' | 'test',
  ...args: string[]
): { status: number | null; output: string; calls: string } {
  for (const name of ['mkdir', 'cp', 'chmod', 'cat']) program(name, `exec /bin/${name} "$@"`)
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join('tools', 'setup', `${script}.js`), ...args],
    {
      cwd: project,
      env: { PATH: join(machine, 'path') },
      encoding: 'utf8',
    },
  )
  const log = join(machine, 'log')
  const calls = existsSync(log) ? readFileSync(log, 'utf8') : ''
  rmSync(log, { force: true })
  return { status, output: stdout + stderr, calls }
}

describe('npm start', () => {
  test('sets up, says so, and runs the server with the demo and the given flags', () => {
    program('ffmpeg', 'true')
    const { status, output, calls } = runSetup('start', '--no-demo', '--http-port', '0')
    expect(output).toContain('set-up: installing npm packages')
    expect(output).toContain('set-up: building the web console')
    expect(output).toContain('server serve --demo --no-demo --http-port 0\n')
    expect(calls).toBe('npm ci --include=dev --no-audit --no-fund\nvite build\n')
    expect(status, 'exit code of the server').toBe(7)
  })

  test('does nothing but start the server the second time', () => {
    program('ffmpeg', 'true')
    runSetup('start')
    expect(runSetup('start')).toEqual({ status: 7, output: 'server serve --demo\n', calls: '' })
  })

  test('installs again when the lock file changed, and builds again when the console did', () => {
    program('ffmpeg', 'true')
    runSetup('start')
    write('project/console/src/app.tsx', 'export {}')
    expect(runSetup('start').calls).toBe('vite build\n')
    const changed = LOCK.replace('1.0.0', '1.0.1')
    write('lock.json', changed)
    write('project/package-lock.json', changed)
    expect(runSetup('start').calls).toBe('npm ci --include=dev --no-audit --no-fund\nvite build\n')
  })

  test('does not mind that an optional package of another platform is absent', () => {
    program('ffmpeg', 'true')
    const entry = { version: '1.0.0', optional: true }
    const lock = JSON.parse(LOCK) as { packages: object }
    write(
      'project/package-lock.json',
      JSON.stringify({ packages: { ...lock.packages, 'node_modules/y': entry } }),
    )
    runSetup('start')
    expect(runSetup('start').calls).toBe('')
  })

  test('stops when npm fails', () => {
    program('ffmpeg', 'true')
    program('npm', 'exit 3')
    const { status, output } = runSetup('start')
    expect(status).toBe(1)
    expect(output).toContain('set-up: npm ci ended with code 3')
    expect(output).not.toContain('server serve')
  })
})

describe('system programs', () => {
  test('without apt, names what is missing and how to get it, before anything is installed', () => {
    const { status, output, calls } = runSetup('start')
    expect({ status, calls }).toEqual({ status: 1, calls: '' })
    expect(output).toContain('ffmpeg: makes the demo picture')
    expect(output).toContain('sudo apt-get install ffmpeg')
    expect(output).toContain('Then run npm start again.')
  })

  test('with apt but neither root nor sudo, does not try', () => {
    program('apt-get', `echo "apt-get $*" >> "${machine}/log"`)
    program('sudo', 'exit 1')
    const { status, calls } = asOrdinaryUser(() => runSetup('start'))
    expect({ status, calls }).toEqual({ status: 1, calls: '' })
  })

  test('with apt and sudo that asks for no password, installs what is missing and goes on', () => {
    const ffmpeg = join(machine, 'path', 'ffmpeg')
    program('apt-get', `echo "apt-get $*" >> "${machine}/log"; echo > ${ffmpeg}; chmod 755 ${ffmpeg}`)
    program('sudo', 'shift; [ "$1" = true ] || "$@"')
    const { status, output, calls } = asOrdinaryUser(() => runSetup('start'))
    expect(output).toContain('set-up: installing with apt-get: ffmpeg')
    expect(calls).toContain('apt-get update -qq\napt-get install -y -qq --no-install-recommends ffmpeg\n')
    expect(status).toBe(7)
  })

  test('says so when apt did not bring what is missing', () => {
    program('apt-get', 'exit 100')
    program('sudo', 'true')
    const { status, output } = runSetup('start')
    expect(status).toBe(1)
    expect(output).toContain('apt-get did not bring it')
  })
})

describe('npm test', () => {
  test('names every missing program at once and still ends with the line of sums', () => {
    const { status, output } = runSetup('test')
    expect(status).toBe(1)
    for (const name of ['ffmpeg', 'chromium', 'gst-launch-1.0']) expect(output).toContain(`  ${name}`)
    expect(output).toMatch(/\n0 passed, 1 failed, 0 skipped\n/)
  })
})

/** Root needs no sudo, so for those tests the set-up has to believe that it is somebody else. */
function asOrdinaryUser<Result>(run: () => Result): Result {
  const path = join(project, 'tools', 'setup', 'system-programs.js')
  writeFileSync(path, readFileSync(path, 'utf8').replace('process.getuid?.()', '1000'))
  return run()
}
