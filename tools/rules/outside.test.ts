import { describe, expect, test } from 'vitest'
import { findClockUse, findForeignImports, findProcessUse, findUndeclaredPackages } from './outside.ts'
import { readProjectFile, readSources, sample } from './project.ts'

function dependencies(): readonly string[] {
  const { dependencies: listed } = JSON.parse(readProjectFile('package.json')) as {
    dependencies: Record<string, string>
  }
  return Object.keys(listed)
}

describe('modules', () => {
  test('every room uses only the modules and packages it may', () => {
    expect(findForeignImports(readSources())).toEqual([])
  })

  test.each([
    ['src/media/rtmp/a.ts', "import { connect } from 'node:net'"],
    ['src/media/a.ts', "import type { Stats } from 'node:fs'"],
    ['src/media/a.ts', "import { setTimeout } from 'node:timers/promises'"],
    ['src/domain/a.ts', "import { spawn } from 'node:child_process'"],
    ['src/api/a.ts', "import { Kysely } from 'kysely'"],
    ['src/app/a.ts', "const sqlite = await import('node:sqlite')"],
    ['src/delivery/a.ts', "import fastify from 'fastify'"],
  ])('finds in %s: %s', (path, text) => {
    expect(findForeignImports(sample({ [path]: text }))).toHaveLength(1)
  })

  test('the store may use SQL, and a test may use what it likes', () => {
    const files = sample({
      'src/store/a.ts': "import { Kysely } from 'kysely'",
      'src/media/a.test.ts': "import { readFileSync } from 'node:fs'",
    })
    expect(findForeignImports(files)).toEqual([])
  })
})

describe('dependencies', () => {
  test('every package that the server imports is a dependency', () => {
    expect(findUndeclaredPackages(readSources(), dependencies())).toEqual([])
  })

  test('finds a package that is not listed, by its name alone', () => {
    const files = sample({
      'src/app/a.ts': "import '@aws-sdk/client-ivs/x'; import 'yaml'; import 'node:fs'",
    })
    expect(findUndeclaredPackages(files, ['yaml'])).toEqual([
      'src/app/a.ts: @aws-sdk/client-ivs/x is not among the dependencies',
    ])
  })
})

describe('the process', () => {
  test('only app/config reads the environment, only app/main.ts ends the process or hears signals', () => {
    expect(findProcessUse(readSources())).toEqual([])
  })

  test.each([
    'process.env',
    "process['env']",
    'process.env.HOME',
    'process.exit(1)',
    "process.on('SIGTERM', f)",
  ])('finds %s', (text) => {
    expect(findProcessUse(sample({ 'src/api/a.ts': text }))).toHaveLength(1)
  })

  test('allows each in its place', () => {
    const files = sample({
      'src/app/config/a.ts': 'process.env',
      'src/app/main.ts': 'process.exit(1)',
      'src/api/b.ts': '// process.env',
    })
    expect(findProcessUse(files)).toEqual([])
  })
})

describe('the clock', () => {
  test('rooms whose time is handed in never read the machine’s clock', () => {
    expect(findClockUse(readSources())).toEqual([])
  })

  test.each(['Date.now()', 'performance.now()', 'setTimeout(f, 1)', 'new Date()', 'new Date'])(
    'finds %s',
    (text) => {
      expect(findClockUse(sample({ 'src/media/a.ts': text }))).toHaveLength(1)
    },
  )

  test('a date made from a number is no clock, and other rooms have timers', () => {
    const files = sample({ 'src/media/a.ts': 'new Date(timeMs)', 'src/base/clock.ts': 'Date.now()' })
    expect(findClockUse(files)).toEqual([])
  })
})
