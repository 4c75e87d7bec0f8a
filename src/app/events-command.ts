/**
 * `headwater events tail`: prints the events of a running server as they come.
 */
import { InvalidArgumentError, type Command } from 'commander'
// Past the door of the room: what else is behind it takes longer to load than this command to run.
import { signRead } from '../api/aws/sign-read.ts'
import type { Clock } from '../base/clock.ts'
import type { EventEnvelope } from '../domain/event-envelope.ts'
import { credentialsOfEnvironment } from './config/aws-credentials.ts'
import { settings } from './config/settings.ts'
import { tailEvents } from './event-tail.ts'

/** What was asked for, as commander gives it. */
export type EventTailCommand = {
  readonly url: string
  readonly region: string
  readonly json?: boolean
  readonly after?: string
}

/** Where the lines go. */
export type TailOutput = {
  readonly print: (line: string) => void
  readonly complain: (line: string) => void
}

/** Adds the command to `program`; `run` gets what was asked for. */
export function addEventsCommand(program: Command, run: (options: EventTailCommand) => void): void {
  program
    .command('events')
    .description('what happens to streams')
    .helpCommand(false)
    .command('tail')
    .description('print events as they come')
    .option(
      '--url <url>',
      'where the server is',
      readUrl,
      `http://127.0.0.1:${String(settings.httpPort.default)}`,
    )
    .option('--region <region>', 'its region, for signing', settings.region.default)
    .option('--json', 'one JSON object a line, as targets get it')
    .option('--after <place>', 'first what came after this place; 0 for all that is kept', readPlace)
    .addHelpText(
      'after',
      '\nRequests are signed when AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set, as a server with access keys wants it.',
    )
    .action(run)
}

/**
 * Prints until `signal` says so.
 *
 * @throws {EventTailError} when the server refuses.
 */
export async function runEventTail(
  { url, region, json, after }: EventTailCommand,
  { print, complain }: TailOutput,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  const credentials = credentialsOfEnvironment()
  let isBroken = false
  await tailEvents({
    url,
    after,
    clock,
    signal,
    headersFor: (target) => (credentials ? signRead(target, { ...credentials, region }, clock.nowMs()) : {}),
    onEvent: (event, line) => {
      isBroken = false
      print(json ? line : eventLine(event))
    },
    onBreak: (reason) => {
      if (!isBroken) complain(`no events for now, trying again: ${reason}`)
      isBroken = true
    },
  })
}

/** An event in one line for people: when, what, on which channel, in which stream, and what else there is to know. */
export function eventLine({ time, resources, account, detail }: EventEnvelope): string {
  const { event_name, limit_name, recording_status, channel_name, stream_id, ...more } = detail
  const what = event_name ?? recording_status ?? `Limit Breach: ${String(limit_name)}`
  const name = channel_name === undefined || channel_name === '' ? '' : ` "${String(channel_name)}"`
  const where = resources[0] ?? `account ${account}`
  const rest = Object.entries(more).map(([key, value]) => `${key}=${[value].flat().join(',')}`)
  const parts = [time, String(what), `${where}${name}`, String(stream_id ?? ''), rest.join(' ')]
  return parts.filter((part) => part !== '').join('  ')
}

function readUrl(text: string): string {
  const url = URL.parse(text)
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return text
  throw new InvalidArgumentError('want an http or https URL')
}

function readPlace(text: string): string {
  if (/^\d{1,15}$/.test(text)) return text
  throw new InvalidArgumentError('want a number')
}
