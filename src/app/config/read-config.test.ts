import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConfigError } from './config-error.ts'
import { readConfig } from './read-config.ts'
import { environmentName, flagName } from './setting.ts'
import { settingEntries } from './settings.ts'

let directory = ''
beforeAll(() => (directory = mkdtempSync(join(tmpdir(), 'headwater-config-'))))
afterAll(() => rmSync(directory, { recursive: true }))

function configFile(text: string): string {
  const path = join(directory, 'config.yaml')
  writeFileSync(path, text)
  return path
}

function read(given: {
  file?: string
  environment?: Record<string, string>
  flags?: Record<string, string>
}): ReturnType<typeof readConfig> {
  const config = given.file === undefined ? {} : { config: configFile(given.file) }
  return readConfig({ flags: { ...given.flags, ...config }, environment: given.environment ?? {} })
}

function refusal(run: () => unknown): ConfigError {
  try {
    run()
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

const KEY_ID = 'AKIAEXAMPLE000000001'
const KEY_SECRET = 'a-secret-that-must-not-be-shown'

const DATABASE_PASSWORD = 'open-sesame'

describe('databaseUrl', () => {
  test.each([
    `postgresql://me:${DATABASE_PASSWORD}@db.example.com:5432/headwater?sslmode=verify-full`,
    `postgres://me:p%40ss%2Fword%23@[::1]/headwater`,
    'postgresql:///headwater?host=/run/postgresql&user=me%40example.com',
  ])('is taken as it is: %s', (databaseUrl) => {
    expect(read({ flags: { databaseUrl } }).databaseUrl).toBe(databaseUrl)
  })

  test.each([
    `mysql://me:${DATABASE_PASSWORD}@db/headwater`,
    `postgresql://me:${DATABASE_PASSWORD}#@db/headwater`,
    `postgresql://me:${DATABASE_PASSWORD}/@db/headwater`,
    `postgresql://me:${DATABASE_PASSWORD}?@db/headwater`,
    `postgresql://me:${DATABASE_PASSWORD} @db/headwater`,
  ])('of a wrong form is refused and not shown: %s', (databaseUrl) => {
    const { message } = refusal(() => read({ environment: { HEADWATER_DATABASE_URL: databaseUrl } }))
    expect(message).toContain('databaseUrl (environment HEADWATER_DATABASE_URL) is malformed; want a URL')
    expect(message).not.toContain(DATABASE_PASSWORD)
  })
})

describe('merging', () => {
  test('gives every setting its default when nothing is set', () => {
    const defaults = Object.fromEntries(settingEntries().map(([key, setting]) => [key, setting.default]))
    expect(read({})).toEqual(defaults)
  })

  test('the default numbers are those the documents promise', () => {
    expect(read({})).toMatchObject({
      host: '127.0.0.1',
      httpPort: 8080,
      rtmpPort: 1935,
      tlsPort: 8443,
      dataDir: './data',
      publicUrl: undefined,
      region: 'us-west-2',
      account: '000000000000',
      allowInsecureLoopbackIngest: true,
      logFormat: 'text',
      demo: false,
      partMs: 333,
      maxReaderBacklogBytes: 4_194_304,
    })
  })

  test('a flag wins over the environment, that over the config file, that over the default', () => {
    const file = 'httpPort: 1001\nrtmpPort: 1002\ntlsPort: 1003\n'
    const environment = { HEADWATER_RTMP_PORT: '2002', HEADWATER_TLS_PORT: '2003' }
    const config = read({ file, environment, flags: { tlsPort: '3003' } })
    expect(config).toMatchObject({ httpPort: 1001, rtmpPort: 2002, tlsPort: 3003, partMs: 333 })
  })

  test('finds the config file by HEADWATER_CONFIG, and by --config before it', () => {
    const path = configFile('partMs: 200\n')
    expect(readConfig({ flags: {}, environment: { HEADWATER_CONFIG: path } }).partMs).toBe(200)
    const other = { HEADWATER_CONFIG: join(directory, 'none.yaml') }
    expect(readConfig({ flags: { config: path }, environment: other }).partMs).toBe(200)
  })

  test('a switch can be turned off by flag where the environment turns it on', () => {
    const environment = { HEADWATER_DEMO: 'true' }
    expect(read({ environment }).demo).toBe(true)
    expect(read({ environment, flags: { demo: 'false' } }).demo).toBe(false)
  })

  test('leaves the environment names of container platforms alone', () => {
    expect(
      read({ environment: { HEADWATER_SERVICE_HOST: '10.0.0.1', HEADWATER_PORT: 'tcp://x' } }).httpPort,
    ).toBe(8080)
  })

  test('an unquoted account of twelve zeros in YAML stays text', () => {
    expect(read({ file: 'account: 000000000001\n' }).account).toBe('000000000001')
  })

  test('an empty config file is a file without settings', () => {
    expect(read({ file: '# nothing yet\n' }).httpPort).toBe(8080)
  })
})

describe('values', () => {
  test.each([
    { flags: { publicUrl: 'https://live.example.com/' }, want: { publicUrl: 'https://live.example.com' } },
    { flags: { publicUrl: 'https://example.com/live/' }, want: { publicUrl: 'https://example.com/live' } },
    { flags: { ingestEndpoint: 'ingest.example.com' }, want: { ingestEndpoint: 'ingest.example.com' } },
    { flags: { host: '::1' }, want: { host: '::1' } },
    { flags: { httpPort: '0', rtmpPort: '0', tlsPort: '0' }, want: { httpPort: 0, rtmpPort: 0, tlsPort: 0 } },
    { flags: { region: 'us-gov-west-1' }, want: { region: 'us-gov-west-1' } },
  ])('accepts $flags', ({ flags, want }) => {
    expect(read({ flags })).toMatchObject(want)
  })

  test.each([
    ['httpPort', '65536', 'a whole number from 0 to 65535'],
    ['httpPort', '-1', 'a whole number from 0 to 65535'],
    ['httpPort', '80.5', 'a whole number from 0 to 65535'],
    ['httpPort', '', 'a whole number from 0 to 65535'],
    ['rtmpPort', '0x10', 'a whole number from 0 to 65535'],
    ['partMs', '99', 'a whole number from 100 to 1000 milliseconds'],
    ['segmentMs', '6001', 'a whole number from 1000 to 6000 milliseconds'],
    ['windowSeconds', '1e2', 'a whole number from 12 to 120 seconds'],
    ['demo', 'yes', 'true or false'],
    ['logFormat', 'xml', 'one of text, json'],
    ['account', '12345678901', '12 digits'],
    ['region', 'moon', 'a region name such as us-west-2'],
    ['publicUrl', 'live.example.com', 'an http or https URL without query and fragment'],
    ['publicUrl', 'rtmp://live.example.com', 'an http or https URL without query and fragment'],
    ['publicUrl', 'http://a.example/?q=1', 'an http or https URL without query and fragment'],
    ['ingestEndpoint', 'rtmp://a.example', 'a host name or an IP address, without scheme and port'],
    ['ingestEndpoint', 'a.example:1935', 'a host name or an IP address, without scheme and port'],
    ['host', 'no host', 'a host name or an IP address'],
  ])('refuses %s = "%s", naming key, flag, value and range', (key, value, want) => {
    const error = refusal(() => read({ flags: { [key]: value } }))
    expect(error.code).toBe('SETTING_INVALID')
    expect(error.message).toBe(`${key} (flag --${flagName(key)}) is "${value}"; want ${want}`)
  })

  test('names the environment variable or the file a bad value came from', () => {
    const fromEnvironment = refusal(() => read({ environment: { HEADWATER_PART_MS: 'fast' } }))
    expect(fromEnvironment.message).toMatch(/^partMs \(environment HEADWATER_PART_MS\) is "fast"; want /)
    const fromFile = refusal(() => read({ file: 'partMs: [1]\n' }))
    expect(fromFile.message).toBe(
      `partMs (config file ${join(directory, 'config.yaml')}) is a list; want a whole number from 100 to 1000 milliseconds`,
    )
  })

  test('accepts exactly the whole numbers inside the bounds of every integer setting', () => {
    const integers = settingEntries().flatMap(([key, setting]) =>
      setting.kind === 'integer' ? [{ key, setting }] : [],
    )
    fc.assert(
      fc.property(fc.constantFrom(...integers), fc.integer({ min: -10, max: 300_000_000 }), (row, value) => {
        const { key, setting } = row
        const flags = { [key]: String(value) }
        const clash = key.endsWith('Port') && [8080, 1935, 8443].includes(value)
        fc.pre(!clash)
        if (value >= setting.min && value <= setting.max) expect(read({ flags })[key]).toBe(value)
        else expect(refusal(() => read({ flags })).code).toBe('SETTING_INVALID')
      }),
    )
  })

  test('never answers arbitrary text with anything but a configuration or one line of refusal', () => {
    const keys = settingEntries().map(([key]) => key)
    fc.assert(
      fc.property(fc.constantFrom(...keys), fc.string(), (key, value) => {
        try {
          read({ flags: { [key]: value } })
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError)
        }
      }),
    )
  })
})

describe('unknown names', () => {
  test('an unknown key in the config file stops the start', () => {
    const error = refusal(() => read({ file: 'htppPort: 80\n' }))
    expect(error.code).toBe('SETTING_UNKNOWN')
    expect(error.message).toContain('unknown setting htppPort in config file')
  })

  test.each(['htppPort', 'accessKeys', 'toString'])('the flag for %s is unknown', (key) => {
    expect(refusal(() => read({ flags: { [key]: 'x' } })).code).toBe('SETTING_UNKNOWN')
  })

  test('no two settings share a flag or an environment name', () => {
    const keys = settingEntries().map(([key]) => key)
    expect(new Set(keys.map(flagName)).size).toBe(keys.length)
    expect(new Set(keys.map(environmentName)).size).toBe(keys.length)
  })
})

describe('the config file', () => {
  test('a missing file is named', () => {
    const path = join(directory, 'missing.yaml')
    const error = refusal(() => readConfig({ flags: { config: path }, environment: {} }))
    expect(error.code).toBe('CONFIG_FILE_UNREADABLE')
    expect(error.message).toBe(`config file ${path} cannot be read: there is no such file`)
  })

  test.each([
    ['broken YAML', 'host: [unclosed\n'],
    ['the same key twice', 'partMs: 200\npartMs: 300\n'],
    ['a list instead of a map', '- host\n'],
    ['an alias', 'host: &a x\nregion: *a\n'],
    ['more than one document', 'host: 127.0.0.1\n---\nhost: 127.0.0.1\n'],
  ])('%s is refused in one line', (_what, text) => {
    const error = refusal(() => read({ file: text }))
    expect(error.code).toBe('CONFIG_FILE_INVALID')
    expect(error.message).not.toContain('\n')
  })

  test('a file beyond 1 MiB is refused unread', () => {
    const error = refusal(() => read({ file: `# ${'x'.repeat(1024 * 1024)}\n` }))
    expect(error.message).toContain('want at most 1048576')
  })
})

describe('access keys', () => {
  test('are read with their account, by default the account of the server', () => {
    const file = [
      'account: 111111111111',
      'accessKeys:',
      `  - { id: ${KEY_ID}, secret: ${KEY_SECRET} }`,
      `  - { id: ${KEY_ID}2, secret: ${KEY_SECRET}, account: 222222222222 }`,
    ].join('\n')
    expect(read({ file }).accessKeys).toEqual([
      { id: KEY_ID, secret: KEY_SECRET, account: '111111111111' },
      { id: `${KEY_ID}2`, secret: KEY_SECRET, account: '222222222222' },
    ])
  })

  test.each([
    ['not a list', `accessKeys: { id: ${KEY_ID}, secret: ${KEY_SECRET} }`],
    ['an entry that is no map', `accessKeys: [${KEY_SECRET}]`],
    ['an unknown field', `accessKeys: [{ id: ${KEY_ID}, secret: ${KEY_SECRET}, role: x }]`],
    ['a missing id', `accessKeys: [{ secret: ${KEY_SECRET} }]`],
    ['a short secret', `accessKeys: [{ id: ${KEY_ID}, secret: ${KEY_SECRET.slice(0, 15)} }]`],
    ['a bad account', `accessKeys: [{ id: ${KEY_ID}, secret: ${KEY_SECRET}, account: 12 }]`],
    [
      'an id that is there twice',
      `accessKeys: [{ id: ${KEY_ID}, secret: ${KEY_SECRET} }, { id: ${KEY_ID}, secret: ${KEY_SECRET} }]`,
    ],
  ])('%s is refused without showing the secret', (_what, file) => {
    const error = refusal(() => read({ file }))
    expect(error.code).toBe('SETTING_INVALID')
    expect(error.message).not.toContain(KEY_SECRET.slice(0, 15))
  })

  test.each(['0.0.0.0', '::', '192.0.2.1', 'live.example.com'])(
    'listening on %s without any is refused, with them it is allowed',
    (host) => {
      const error = refusal(() => read({ flags: { host } }))
      expect(error.code).toBe('ACCESS_KEYS_REQUIRED')
      expect(error.message).toContain(host)
      const file = `accessKeys: [{ id: ${KEY_ID}, secret: ${KEY_SECRET} }]`
      expect(read({ file, flags: { host } }).host).toBe(host)
    },
  )

  test.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('listening on %s needs none', (host) => {
    expect(read({ flags: { host } }).host).toBe(host)
  })
})

describe('settings that must agree', () => {
  test.each(['tlsCertificateFile', 'tlsKeyFile'])('%s alone is refused', (key) => {
    const error = refusal(() => read({ flags: { [key]: '/etc/tls.pem' } }))
    expect(error.code).toBe('SETTINGS_CONFLICT')
    expect(error.message).toMatch(new RegExp(`^${key} is set without `))
  })

  test('certificate and key together are accepted', () => {
    const config = read({ flags: { tlsCertificateFile: '/etc/c.pem', tlsKeyFile: '/etc/k.pem' } })
    expect(config).toMatchObject({ tlsCertificateFile: '/etc/c.pem', tlsKeyFile: '/etc/k.pem' })
  })

  test('one port for two listeners is refused', () => {
    const error = refusal(() => read({ flags: { rtmpPort: '8080' } }))
    expect(error.message).toBe('httpPort and rtmpPort are both 8080; want different ports')
  })
})

describe('maps of numbers', () => {
  test('change the names that are given and keep the others', () => {
    const { callRates, quotas } = read({ file: 'callRates: {GetChannel: 50}\nquotas: {channels: 7}\n' })
    expect(callRates).toEqual({ ...read({}).callRates, GetChannel: 50 })
    expect(quotas).toEqual({ ...read({}).quotas, channels: 7 })
  })

  test.each([
    ['callRates: {GetChanel: 5}', 'a map with the unknown name GetChanel'],
    ['callRates: {GetChannel: 0}', 'a map whose GetChannel is no such number'],
    ['callRates: {GetChannel: fast}', 'a map whose GetChannel is no such number'],
    ['quotas: {channels: [5]}', 'a map whose channels is no such number'],
    ['quotas: 5', 'not a map'],
    ['quotas: [5]', 'not a map'],
  ])('%s is refused', (file, problem) => {
    expect(refusal(() => read({ file })).message).toContain(`is ${problem}; want a map from`)
  })

  test('are given in the config file only', () => {
    expect(refusal(() => read({ flags: { callRates: 'GetChannel=5' } })).code).toBe('SETTING_UNKNOWN')
  })
})

describe('secrets of access keys', () => {
  const keys = (fields: string): string => `accessKeys: [{id: ${KEY_ID}, ${fields}}]`
  const secretFile = (text: string): string => {
    const path = join(directory, 'secret')
    writeFileSync(path, text)
    return path
  }

  test('are read from a file, without the line break at its end', () => {
    const { accessKeys } = read({ file: keys(`secretFile: ${secretFile(`${KEY_SECRET}\n`)}`) })
    expect(accessKeys).toEqual([{ id: KEY_ID, secret: KEY_SECRET, account: '000000000000' }])
  })

  test('are read from the environment', () => {
    const environment = { MY_SECRET: KEY_SECRET }
    const { accessKeys } = read({ file: keys('secretEnv: MY_SECRET'), environment })
    expect(accessKeys).toEqual([{ id: KEY_ID, secret: KEY_SECRET, account: '000000000000' }])
  })

  test.each([
    ['secretEnv: MY_SECRET', 'its secretEnv MY_SECRET is not set'],
    ['secretFile: /nowhere/secret', 'its secretFile /nowhere/secret cannot be read'],
    [`secret: ${KEY_SECRET}, secretEnv: X`, 'it has both secret and secretEnv'],
    ['secretFile: [a]', 'its secretFile is missing or malformed'],
    ['account: "1"', 'its account is malformed'],
  ])('{%s} is refused', (fields, problem) => {
    const { message } = refusal(() => read({ file: keys(fields) }))
    expect(message).toContain(`is entry 1: ${problem}; want a list`)
    expect(message).not.toContain(KEY_SECRET)
  })

  test('in a file that is too large or too short are refused without being shown', () => {
    for (const text of ['short', 'x'.repeat(5000)]) {
      const path = secretFile(text)
      const { message } = refusal(() => read({ file: keys(`secretFile: ${path}`) }))
      expect(message).toContain(`its secretFile ${path} is missing or malformed`)
    }
  })
})
