import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseCommandLine } from './cli.ts'
import { environmentName, flagName, isFileOnly } from './config/setting.ts'
import { settingEntries } from './config/settings.ts'

function help(...args: string[]): string {
  const invocation = parseCommandLine(args)
  return invocation.kind === 'print' ? invocation.text : `${invocation.kind}, not printed`
}

describe('serve', () => {
  test('passes its flags on by setting key, as typed', () => {
    expect(
      parseCommandLine(['serve', '--http-port', '0', '--log-format=json', '--config', 'a.yaml']),
    ).toEqual({
      kind: 'serve',
      flags: { httpPort: '0', logFormat: 'json', config: 'a.yaml' },
    })
  })

  test('without flags passes nothing on, so that the environment decides', () => {
    expect(parseCommandLine(['serve'])).toEqual({ kind: 'serve', flags: {} })
  })

  test('the last of --demo and --no-demo wins', () => {
    expect(parseCommandLine(['serve', '--demo', '--no-demo'])).toEqual({
      kind: 'serve',
      flags: { demo: 'false' },
    })
    expect(parseCommandLine(['serve', '--no-demo', '--demo'])).toEqual({
      kind: 'serve',
      flags: { demo: 'true' },
    })
  })

  test('its help names the flag and the environment variable of every setting, and only those that exist', () => {
    const text = help('serve', '--help').replace(/\s+/g, ' ')
    for (const [key, setting] of settingEntries()) {
      if (isFileOnly(setting)) expect(text).not.toContain(`--${flagName(key)}`)
      else expect(text).toContain(environmentName(key))
    }
  })
})

describe('everything else', () => {
  test('no command, or --help, prints the usage', () => {
    expect(help()).toMatch(/^Usage: headwater /)
    expect(help('--help')).toBe(help())
  })

  test('--version prints the version of the package', () => {
    const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
    expect(help('--version')).toBe(`${(JSON.parse(text) as { version: string }).version}\n`)
  })

  test.each([
    [['serve', '--htpp-port', '1'], "unknown option '--htpp-port' (Did you mean --http-port?)"],
    [['serve', '--access-keys', 'x'], "unknown option '--access-keys'"],
    [['sevre'], "unknown command 'sevre' (Did you mean serve?)"],
    [['serve', 'now'], "too many arguments for 'serve'. Expected 0 arguments but got 1."],
    [['serve', '--http-port'], "option '--http-port <value>' argument missing"],
  ])('%j is refused in one line', (args, problem) => {
    expect(parseCommandLine(args)).toEqual({ kind: 'refused', problem })
  })
})
