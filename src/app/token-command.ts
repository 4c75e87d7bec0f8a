/**
 * `headwater token create`: signs a playback token for trying out a private channel.
 */
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { signPlaybackToken } from '../playback-auth/sign-token.ts'
import { MAX_TOKEN_BYTES, type RawClaims } from '../playback-auth/token-form.ts'
import { readTokenClaims } from '../playback-auth/token-claims.ts'
import { MAX_BOUND_TOKEN_LIFE_S } from '../playback-auth/token-rules.ts'

/** What was asked for, as commander gives it. */
export type TokenOptions = {
  readonly channel: string
  /** Path of the key file. */
  readonly privateKey: string
  /** Seconds. */
  readonly expiresIn: number
  readonly viewerId?: string
  readonly viewerSessionVersion?: number
  readonly singleUse?: boolean
  readonly origin?: readonly string[]
  readonly strictOrigin?: boolean
  readonly maximumResolution?: string
  readonly adsOptOut?: boolean
  readonly adsPlayerParam?: Readonly<Record<string, string>>
  readonly adsPlaybackConfigName?: string
  readonly adsReportingMode?: string
}

/** Stable codes, listed in docs/reference/errors.md. */
export type TokenCommandErrorCode = 'TOKEN_NOT_MADE'

/** No token was made; the message says why, in one line for people. */
export class TokenCommandError extends Error {
  override readonly name = 'TokenCommandError'
  readonly code: TokenCommandErrorCode = 'TOKEN_NOT_MADE'
}

const DEFAULT_LIFE_S = 300

/** Adds the command to `program`; `run` gets what was asked for. */
export function addTokenCommand(program: Command, run: (options: TokenOptions) => void): void {
  program
    .command('token')
    .description('playback tokens of private channels')
    .helpCommand(false)
    .command('create')
    .description('sign a playback token and print it')
    .requiredOption('--channel <arn>', 'ARN of the channel that it opens')
    .requiredOption('--private-key <file>', 'PEM file with the private key (ECDSA on P-384)')
    .option('--expires-in <seconds>', 'how long it may be used', readWholeNumber, DEFAULT_LIFE_S)
    .option('--viewer-id <id>', 'names the viewer, so that sessions can be revoked')
    .option('--viewer-session-version <number>', 'revocations reach up to a version', readWholeNumber)
    .option('--single-use', 'it works once')
    .option('--origin <origins...>', 'pages that may play, e.g. https://*.example.com')
    .option('--strict-origin', 'every request must show such an origin')
    .addOption(new Option('--maximum-resolution <class>', 'largest picture').choices(['SD', 'HD', 'FULL_HD']))
    .option('--ads-opt-out', 'no ads')
    .option('--ads-player-param <name=value...>', 'parameters for the ad decision server', readParam)
    .option('--ads-playback-config-name <name>', 'which of the channel’s ad sources')
    .addOption(new Option('--ads-reporting-mode <mode>', 'who reports ads').choices(['CLIENT', 'SERVER']))
    .action((options: TokenOptions) => run(options))
}

/**
 * The token that `options` ask for.
 *
 * @throws {TokenCommandError} when the claims break a rule, or the key file cannot be used.
 */
export async function createToken(options: TokenOptions, nowMs: number): Promise<string> {
  const claims = claimsOf(options, nowMs)
  const outcome = readTokenClaims(claims)
  if (outcome.kind === 'broken') throw new TokenCommandError(outcome.fault)
  const isBound = options.viewerId !== undefined || options.singleUse === true
  if (isBound && options.expiresIn > MAX_BOUND_TOKEN_LIFE_S) {
    throw new TokenCommandError(
      `with a viewer id or single use a token lasts at most ${MAX_BOUND_TOKEN_LIFE_S} seconds`,
    )
  }
  const token = await sign(claims, options.privateKey)
  if (token.length <= MAX_TOKEN_BYTES) return token
  throw new TokenCommandError(`the token has ${token.length} bytes; at most ${MAX_TOKEN_BYTES} are accepted`)
}

async function sign(claims: RawClaims, keyFile: string): Promise<string> {
  try {
    return await signPlaybackToken(claims, await readFile(keyFile, 'utf8'))
  } catch (cause) {
    const problem = cause instanceof TypeError ? cause.message : 'the file cannot be read'
    throw new TokenCommandError(`private key ${keyFile}: ${problem}`, { cause })
  }
}

function claimsOf(options: TokenOptions, nowMs: number): RawClaims {
  const claims = {
    'aws:channel-arn': options.channel,
    exp: Math.floor(nowMs / 1000) + options.expiresIn,
    'aws:viewer-id': options.viewerId,
    'aws:viewer-session-version': options.viewerSessionVersion,
    'aws:single-use-uuid': options.singleUse ? randomUUID() : undefined,
    'aws:access-control-allow-origin': options.origin?.join(','),
    'aws:strict-origin-enforcement': options.strictOrigin,
    'aws:maximum-resolution': options.maximumResolution,
    'aws:ads-opt-out': options.adsOptOut,
    'aws:ads-player-params': options.adsPlayerParam,
    'aws:ads-playback-config-name': options.adsPlaybackConfigName,
    'aws:ads-reporting-mode': options.adsReportingMode,
  }
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined))
}

function readWholeNumber(text: string): number {
  const number = /^[0-9]{1,16}$/.test(text) ? Number(text) : NaN
  if (!Number.isSafeInteger(number)) throw new InvalidArgumentError('Want a whole number.')
  return number
}

function readParam(text: string, params: Readonly<Record<string, string>> = {}): Record<string, string> {
  const mark = text.indexOf('=')
  if (mark < 1) throw new InvalidArgumentError('Want name=value.')
  return { ...params, [text.slice(0, mark)]: text.slice(mark + 1) }
}
