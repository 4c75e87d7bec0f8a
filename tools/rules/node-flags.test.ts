/**
 * However the server is started, Node gets the flags that it was measured with.
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const SOURCES = ['bin/headwater.js', 'tools/setup/start.js', 'bench/rig/headwater-server.ts']

function flagsIn(file: string): readonly string[] {
  const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
  const [, list = ''] = /NODE_FLAGS(?:: readonly string\[\])? = \[([^\]]+)\]/.exec(text) ?? []
  return [...list.matchAll(/'([^']+)'/g)].map(([, flag = '']) => flag)
}

test('the command, npm start and the benches run the server with the same flags of Node', () => {
  const program = readFileSync(new URL('../../bin/headwater.js', import.meta.url), 'utf8')
  const [, first = ''] = /^#!\/usr\/bin\/env -S node (.+)\n/.exec(program) ?? []
  const flags = first.split(' ')
  expect(flags).toContain('--v8-pool-size=0')
  for (const file of SOURCES) expect(flagsIn(file), file).toEqual(flags)
})
