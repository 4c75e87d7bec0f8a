/**
 * The kinds of tests and how many of each may run at once.
 *
 * Kinds run one after the other (`groupOrder`): a test that measures media time or drives a browser never shares the
 * machine with a hundred unit tests. Only `npm test` lets some run beside browsers, in what time those leave.
 */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig, type ViteUserConfig } from 'vitest/config'

type Kind = {
  readonly name: string
  readonly include: readonly string[]
  /** Test files at once. */
  readonly maxWorkers: number
  readonly testTimeoutMs: number
  readonly environment?: Readonly<Record<string, string>>
  /** False where the files of a worker may share modules, which spares loading them again: they change no global state. */
  readonly isolated?: false
}

const KINDS: readonly Kind[] = [
  { name: 'rules', include: ['tools/**/*.test.ts'], maxWorkers: 2, testTimeoutMs: 30_000, isolated: false },
  {
    name: 'unit',
    include: ['src/**/*.test.ts', 'console/src/**/*.test.{ts,tsx}'],
    maxWorkers: 2,
    testTimeoutMs: 15_000,
    isolated: false,
  },
  {
    name: 'integration',
    include: ['test/integration/**/*.test.ts'],
    maxWorkers: 3,
    testTimeoutMs: 60_000,
    isolated: false,
  },
  {
    name: 'conformance',
    include: ['test/conformance/**/*.test.ts'],
    maxWorkers: 2,
    testTimeoutMs: 60_000,
    isolated: false,
  },
  {
    name: 'conformance-postgres',
    include: ['test/conformance/**/*.test.ts'],
    maxWorkers: 2,
    testTimeoutMs: 60_000,
    isolated: false,
    environment: { TEST_DATABASE: 'PostgreSQL' },
  },
  { name: 'interop', include: ['test/interop/**/*.test.ts'], maxWorkers: 2, testTimeoutMs: 120_000 },
  { name: 'browser', include: ['test/browser/**/*.test.ts'], maxWorkers: 2, testTimeoutMs: 180_000 },
]

/** Programs that tests start again and again keep what they compiled: it is half the work of their start. */
const COMPILED = { NODE_COMPILE_CACHE: join(tmpdir(), 'headwater-compile-cache') }

const config: ViteUserConfig = defineConfig({
  test: {
    projects: KINDS.map((kind, index) => ({
      test: {
        name: kind.name,
        include: [...kind.include],
        maxWorkers: kind.maxWorkers,
        isolate: kind.isolated ?? true,
        testTimeout: kind.testTimeoutMs,
        hookTimeout: kind.testTimeoutMs,
        sequence: { groupOrder: index },
        globalSetup: ['test/harness/postgres-provider.ts'],
        env: { ...COMPILED, ...kind.environment },
      },
    })),
  },
})

// Vitest wants its configuration as the default export.
export default config
