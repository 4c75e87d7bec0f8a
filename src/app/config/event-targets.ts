/**
 * Reads the list of targets that events go to.
 */
import { resolve } from 'node:path'
import { EVENT_TARGET_DEFAULTS, type EventTarget } from '../../events/event-target.ts'
import { EntryProblem, EntryReader, type TextForm } from './entry-reader.ts'
import { accepted, refused } from './raw-value.ts'
import type { Environment, ParsedValue, RawValue } from './raw-value.ts'

/** Names of the targets that the settings `eventWebhook` and `eventFile` make. */
export const SIMPLE_TARGET_NAMES = { webhook: 'event-webhook', file: 'event-file' } as const

const MAX_TARGETS = 20
const SECRET = /^[\x21-\x7e]{16,128}$/
const PASSWORD = /^[\x20-\x7e]{1,256}$/

const NAME: TextForm = {
  want: '1 to 64 letters, digits, - or _',
  accepts: (text) => /^[\w-]{1,64}$/.test(text),
}
const PATH: TextForm = { want: 'a path', accepts: (text) => text !== '' }
const REGION: TextForm = {
  want: 'a region name such as us-west-2',
  accepts: (text) => /^[a-z]{2}(-[a-z]{2,20}){1,2}-[0-9]{1,2}$/.test(text),
}
const ENDPOINT: TextForm = { want: 'an http or https URL', accepts: isWebUrl, secret: true }
const BUS: TextForm = {
  want: 'the name or ARN of an event bus',
  accepts: (text) => /^\S{1,1600}$/.test(text),
}
const SOURCE: TextForm = { want: '1 to 256 characters', accepts: (text) => /^\S{1,256}$/.test(text) }
const KEY_ID: TextForm = {
  want: '16 to 128 letters, digits or _',
  accepts: (text) => /^\w{16,128}$/.test(text),
}
const SERVERS: TextForm = {
  want: 'nats:// or tls:// URLs without user and password',
  accepts: (text) => /^(nats|tls):\/\/[^\s@/]+$/.test(text),
}
const SUBJECT: TextForm = {
  want: 'a subject without wildcards',
  accepts: (text) => /^[^\s.*>]+(\.[^\s.*>]+)*$/.test(text) && text.length <= 256,
}
const USER: TextForm = { want: 'a user name', accepts: (text) => /^\S{1,256}$/.test(text) }
const TIMEOUT = { min: 100, max: 60_000, unit: 'milliseconds', default: EVENT_TARGET_DEFAULTS.timeoutMs }
const RETRY = { min: 1, max: 144, unit: 'hours', default: EVENT_TARGET_DEFAULTS.retryHours }
const REQUESTS = { min: 1, max: 64, unit: 'requests', default: EVENT_TARGET_DEFAULTS.maxRequestsAtOnce }

/** The form of a webhook's URL. */
export const WEBHOOK_URL: TextForm = {
  want: 'an http or https URL without user and password',
  accepts: isWebUrl,
  secret: true,
}

/** Checks the list; no message shows a secret. */
export function parseEventTargets(raw: RawValue, environment: Environment): ParsedValue {
  if (!Array.isArray(raw)) return refused('not a list')
  const entries = raw as readonly RawValue[]
  if (entries.length > MAX_TARGETS) return refused(`${entries.length} entries`)
  const names = new Set<string>(Object.values(SIMPLE_TARGET_NAMES))
  const targets: EventTarget[] = []
  for (const [index, entry] of entries.entries()) {
    try {
      const target = readTarget(new EntryReader(entry, environment))
      if (names.has(target.name)) throw new EntryProblem(`the name ${target.name} is taken`)
      names.add(target.name)
      targets.push(target)
    } catch (error) {
      if (error instanceof EntryProblem) return refused(`entry ${index + 1}: ${error.message}`)
      throw error
    }
  }
  return accepted(targets)
}

function readTarget(entry: EntryReader): EventTarget {
  const name = entry.text('name', NAME)
  const retryHours = entry.integer('retryHours', RETRY)
  const type = entry.choice('type', ['webhook', 'file', 'eventbridge', 'nats'])
  const target = { name, retryHours, ...readByType(type, entry) }
  entry.end()
  return target
}

type TargetByType = {
  [Type in EventTarget['type']]: Omit<Extract<EventTarget, { type: Type }>, 'name' | 'retryHours'>
}

function readByType(type: EventTarget['type'], entry: EntryReader): TargetByType[typeof type] {
  switch (type) {
    case 'webhook':
      return {
        type,
        url: entry.text('url', WEBHOOK_URL),
        secret: entry.secret('secret', SECRET),
        timeoutMs: entry.integer('timeoutMs', TIMEOUT),
        maxRequestsAtOnce: entry.integer('maxRequestsAtOnce', REQUESTS),
      }
    case 'file':
      return {
        type,
        path: resolve(entry.text('path', PATH)),
        sync: entry.choice('sync', ['always', 'never'], EVENT_TARGET_DEFAULTS.sync),
      }
    case 'eventbridge':
      return readEventBridge(entry)
    case 'nats':
      return readNats(entry)
  }
}

function readEventBridge(entry: EntryReader): TargetByType['eventbridge'] {
  const endpoint = entry.optionalText('endpoint', ENDPOINT)
  const source = entry.optionalText('source', SOURCE) ?? EVENT_TARGET_DEFAULTS.source
  if (endpoint === undefined && source.startsWith('aws.')) {
    throw new EntryProblem(
      `its source is ${source}, and Amazon takes none that begins with aws.; want another, or an endpoint`,
    )
  }
  const accessKeyId = entry.optionalText('accessKeyId', KEY_ID)
  const secretAccessKey = entry.secret('secretAccessKey', SECRET)
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    throw new EntryProblem('it has one of accessKeyId and secretAccessKey; want both or none')
  }
  return {
    type: 'eventbridge',
    region: entry.text('region', REGION),
    endpoint,
    eventBusName: entry.optionalText('eventBusName', BUS) ?? EVENT_TARGET_DEFAULTS.eventBusName,
    source,
    credentials:
      accessKeyId === undefined || secretAccessKey === undefined
        ? undefined
        : { accessKeyId, secretAccessKey },
    timeoutMs: entry.integer('timeoutMs', TIMEOUT),
  }
}

function readNats(entry: EntryReader): TargetByType['nats'] {
  const token = entry.secret('token', PASSWORD)
  const user = entry.optionalText('user', USER)
  const password = entry.secret('password', PASSWORD)
  if ((user === undefined) !== (password === undefined)) {
    throw new EntryProblem('it has one of user and password; want both or none')
  }
  if (token !== undefined && user !== undefined) throw new EntryProblem('it has both token and user')
  return {
    type: 'nats',
    servers: entry.texts('servers', SERVERS),
    subject: entry.text('subject', SUBJECT),
    acknowledge: entry.choice('acknowledge', ['true', 'false'], 'false') === 'true',
    token,
    user,
    password,
    timeoutMs: entry.integer('timeoutMs', TIMEOUT),
  }
}

function isWebUrl(text: string): boolean {
  const url = URL.parse(text)
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return false
  return url.username === '' && url.password === ''
}
