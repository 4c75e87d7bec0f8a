import { writeFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ConfigError } from './config-error.ts'
import type { Environment } from './raw-value.ts'
import { readConfig } from './read-config.ts'
import type { ServerConfig } from './server-config.ts'

const directory = mkdtempSync(join(tmpdir(), 'headwater-event-config-'))
afterAll(() => rmSync(directory, { recursive: true }))

const SECRET = 'a-secret-of-the-webhook'

function read(entries: string, environment: Environment = {}): ServerConfig {
  const config = join(directory, 'config.yaml')
  writeFileSync(config, `eventTargets: ${entries}\n`)
  return readConfig({ flags: { config }, environment })
}

function refusalOf(run: () => unknown): ConfigError {
  try {
    run()
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('not refused')
}

describe('targets', () => {
  test('of every type are read, with defaults for what is not given', () => {
    const secretFile = join(directory, 'secret')
    writeFileSync(secretFile, `${SECRET}\n`)
    const { eventTargets } = read(
      `[
        { name: hook, type: webhook, url: "https://example.com/hook", secretFile: "${secretFile}", retryHours: 2 },
        { name: plain, type: webhook, url: "http://example.com" },
        { name: file, type: file, path: "/var/log/events.jsonl", sync: never },
        { name: aws, type: eventbridge, region: eu-west-1, source: my.live },
        { name: nats, type: nats, servers: ["nats://one:4222", "tls://two"], subject: live.events, acknowledge: true, user: u, passwordEnv: NATS_PASSWORD },
      ]`,
      { NATS_PASSWORD: 'of nats' },
    )
    const hook = { type: 'webhook', timeoutMs: 10_000, maxRequestsAtOnce: 8 }
    expect(eventTargets).toEqual([
      { ...hook, name: 'hook', retryHours: 2, url: 'https://example.com/hook', secret: SECRET },
      { ...hook, name: 'plain', retryHours: 24, url: 'http://example.com', secret: undefined },
      { type: 'file', name: 'file', retryHours: 24, path: '/var/log/events.jsonl', sync: 'never' },
      {
        type: 'eventbridge',
        name: 'aws',
        retryHours: 24,
        region: 'eu-west-1',
        endpoint: undefined,
        eventBusName: 'default',
        source: 'my.live',
        credentials: undefined,
        timeoutMs: 10_000,
      },
      {
        type: 'nats',
        name: 'nats',
        retryHours: 24,
        servers: ['nats://one:4222', 'tls://two'],
        subject: 'live.events',
        acknowledge: true,
        token: undefined,
        user: 'u',
        password: 'of nats',
        timeoutMs: 10_000,
      },
    ])
  })

  test.each([
    ['x', 'not a list'],
    ['[x]', 'entry 1: not a map'],
    ['[{ name: a, type: webhook }]', 'entry 1: its url is missing'],
    ['[{ type: webhook }]', 'entry 1: its name is missing'],
    ['[{ name: "a b", type: webhook }]', 'entry 1: its name is "a b"'],
    [
      '[{ name: a, type: kafka }]',
      'entry 1: its type is unknown; want one of webhook, file, eventbridge, nats',
    ],
    ['[{ name: a, type: file, path: x, url: y }]', 'entry 1: unknown field url'],
    ['[{ name: a, type: file, path: x }, { name: a, type: file, path: y }]', 'entry 2: the name a is taken'],
    ['[{ name: event-file, type: file, path: x }]', 'entry 1: the name event-file is taken'],
    [
      '[{ name: a, type: file, path: x, sync: sometimes }]',
      'entry 1: its sync is unknown; want one of always, never',
    ],
    [
      '[{ name: a, type: file, path: x, retryHours: 0 }]',
      'entry 1: its retryHours is not a whole number from 1 to 144 hours',
    ],
    [
      '[{ name: a, type: webhook, url: "ftp://x" }]',
      'entry 1: its url is malformed; want an http or https URL',
    ],
    [
      '[{ name: a, type: webhook, url: "http://x", secret: short }]',
      'entry 1: its secret is missing or malformed',
    ],
    [
      '[{ name: a, type: webhook, url: "http://x", secretEnv: GONE }]',
      'entry 1: its secretEnv GONE is not set',
    ],
    [
      '[{ name: a, type: eventbridge, region: eu-west-1 }]',
      'entry 1: its source is aws.ivs, and Amazon takes none',
    ],
    [
      '[{ name: a, type: eventbridge, region: eu-west-1, source: s, accessKeyId: AKIDEXAMPLEEXAMPLE }]',
      'entry 1: it has one of accessKeyId and secretAccessKey',
    ],
    ['[{ name: a, type: nats, servers: "http://x", subject: s }]', 'entry 1: its servers is malformed'],
    ['[{ name: a, type: nats, servers: "nats://x", subject: "s.>" }]', 'entry 1: its subject is "s.>"'],
    [
      '[{ name: a, type: nats, servers: "nats://x", subject: s, user: u }]',
      'entry 1: it has one of user and password',
    ],
  ])('%s is refused: %s', (entries, problem) => {
    const error = refusalOf(() => read(entries))
    expect(error.code).toBe('SETTING_INVALID')
    expect(error.message).toContain(problem)
  })

  test('no message shows a secret or a URL, which may hold one', () => {
    const entries = [
      `[{ name: a, type: webhook, url: "http://user:${SECRET}@x" }]`,
      `[{ name: a, type: webhook, url: "http://x", secret: "${SECRET} ${SECRET}" }]`,
      `[{ name: a, type: eventbridge, region: "${'x'.repeat(9)}", endpoint: "x:${SECRET}" }]`,
      `[{ name: a, type: nats, servers: "nats://u:${SECRET}@x", subject: s }]`,
    ]
    for (const entry of entries) expect(refusalOf(() => read(entry)).message).not.toContain(SECRET)
  })

  test('more than twenty are refused', () => {
    const entries = Array.from({ length: 21 }, (_, index) => `{ name: t${index}, type: file, path: x }`)
    expect(refusalOf(() => read(`[${entries.join(',')}]`)).message).toContain('21 entries')
  })
})

describe('the secret of eventWebhook', () => {
  const URL = 'http://127.0.0.1/hook'
  const secretFile = (text: string): string => {
    const path = join(directory, 'webhook-secret')
    writeFileSync(path, text)
    return path
  }
  const withFlags = (flags: Readonly<Record<string, string>>) => readConfig({ flags, environment: {} })

  test('comes from the environment or a file', () => {
    const environment = { HEADWATER_EVENT_WEBHOOK_SECRET: SECRET }
    expect(readConfig({ flags: { eventWebhook: URL }, environment }).eventWebhookSecret).toBe(SECRET)
    const eventWebhookSecretFile = secretFile(`${SECRET}\n`)
    expect(withFlags({ eventWebhook: URL, eventWebhookSecretFile }).eventWebhookSecret).toBe(SECRET)
  })

  test.each([
    [{ eventWebhookSecret: SECRET }, 'SETTINGS_CONFLICT'],
    [{ eventWebhook: URL, eventWebhookSecret: SECRET, eventWebhookSecretFile: '/x' }, 'SETTINGS_CONFLICT'],
    [{ eventWebhook: URL, eventWebhookSecretFile: '/nowhere/secret' }, 'SETTING_INVALID'],
    [{ eventWebhook: URL, eventWebhookSecret: `${SECRET} ${SECRET}` }, 'SETTING_INVALID'],
    [{ eventWebhook: `http://user:${SECRET}@x/` }, 'SETTING_INVALID'],
  ])('%j is refused without being shown', (flags, code) => {
    const error = refusalOf(() => withFlags(flags))
    expect(error.code).toBe(code)
    expect(error.message).not.toContain(SECRET)
  })
})
