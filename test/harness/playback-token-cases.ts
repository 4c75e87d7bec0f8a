/**
 * Playback tokens and what becomes of them on a private channel: one table for the decision and for its answers over
 * HTTP (reference ivs-behaviour §6.2, §7).
 *
 * Longer than most files because it is a table.
 */
import { randomUUID } from 'node:crypto'
import { foreignToken, segment, signedText } from './playback-tokens.ts'
import type { TokenObject, TokenSigner } from './playback-tokens.ts'

/** Whom and what the tokens are made with. */
export type TokenWorld = {
  readonly channelArn: string
  /** Another private channel of the account. */
  readonly otherChannelArn: string
  /** Both imported into the channel's account. */
  readonly owner: TokenSigner
  readonly secondOwner: TokenSigner
  /** Imported once, deleted since. */
  readonly deleted: TokenSigner
  /** Never imported. */
  readonly stranger: TokenSigner
  /** Imported into another account. */
  readonly otherAccount: TokenSigner
  /** Whose sessions are revoked on the channel up to and including `revokedVersion`. */
  readonly revokedViewer: string
  readonly revokedVersion: number
  /** Seconds since the Unix epoch. */
  readonly nowS: number
}

/** What becomes of a request. */
export type TokenVerdict =
  | { readonly kind: 'granted' }
  | {
      readonly kind: 'refused'
      readonly code: 'invalid_playback_auth_token' | 'playback_auth_error'
      /** Of the message. */
      readonly says: RegExp
    }

/** One request for the channel's multivariant playlist. */
export type TokenCase = {
  readonly name: string
  /** Undefined sends none. Each call makes a new one. */
  readonly token: (world: TokenWorld) => string | undefined
  readonly origin?: string
  /** How often the token was sent before. */
  readonly usedBefore?: number
  readonly verdict: TokenVerdict
}

/** How far clocks may differ, in seconds: the default of the setting. */
export const SKEW_S = 30

const GRANTED: TokenVerdict = { kind: 'granted' }
const MISSING = invalid(/^the channel is private and the token is missing$/)
const NOT_FOR_CHANNEL = invalid(/^token is not valid for this channel$/)
const EXPIRED = invalid(/^token is expired$/)
const TOO_EARLY = invalid(/^token is not valid yet$/)
const TOO_FAR = invalid(/^exp must be at most 10 minutes ahead with/)
const SEGMENTS = invalid(/^token contains an invalid number of segments$/)
const NOT_BASE64URL = invalid(/^token contains a segment that is not base64url$/)
const BAD_HEADER = invalid(/^token header must have alg ES384 and typ JWT$/)
const BAD_PAYLOAD = invalid(/^token claims are not a JSON object$/)
const SPENT = failed(/^token was used already$/)
const REVOKED = failed(/^viewer session was revoked$/)
const ORIGIN_REQUIRED = failed(/^origin required$/)
const ORIGIN_REFUSED = failed(/^origin is not allowed$/)

const PAGE = 'https://page.example.com'

/** Every case. */
export const TOKEN_CASES: readonly TokenCase[] = [
  ...formCases(),
  ...headerCases(),
  ...signatureCases(),
  ...channelCases(),
  ...timeCases(),
  ...viewerCases(),
  ...originCases(),
  ...singleUseCases(),
  ...renditionCases(),
  ...adsCases(),
]

function formCases(): TokenCase[] {
  const text = (name: string, token: string | undefined, verdict: TokenVerdict): TokenCase => ({
    name,
    token: () => token,
    verdict,
  })
  return [
    text('no token', undefined, MISSING),
    text('an empty token', '', SEGMENTS),
    text('one segment', 'x', SEGMENTS),
    text('two segments', 'a.b', SEGMENTS),
    text('four segments', 'a.b.c.d', SEGMENTS),
    text('three empty segments', '..', NOT_BASE64URL),
    text('an empty payload', 'a..c', NOT_BASE64URL),
    text('plain base64', 'ab+/.cd.ef', NOT_BASE64URL),
    text('padding', 'YQ==.YQ==.YQ==', NOT_BASE64URL),
    text('blanks', 'a b.c.d', NOT_BASE64URL),
    text('a line end', 'a.b.c\r\nX: y', NOT_BASE64URL),
    text('other scripts', 'ключ.b.c', NOT_BASE64URL),
    text('a long text', 'x'.repeat(10_000), invalid(/^token is longer than 2048 bytes$/)),
    { name: 'a token of 2048 bytes', token: (world) => ofLength(world, 2048), verdict: GRANTED },
    {
      name: 'a token of more than 2048 bytes',
      token: (world) => ofLength(world, 2049),
      verdict: invalid(/^token is longer than 2048 bytes$/),
    },
    signedRaw('a header that is no JSON', 'nonsense', '{}', BAD_HEADER),
    signedRaw('a header that is a list', '[]', '{}', BAD_HEADER),
    signedRaw('a header that is null', 'null', '{}', BAD_HEADER),
    signedRaw('claims that are no JSON', undefined, 'nonsense', BAD_PAYLOAD),
    signedRaw('claims that are a list', undefined, '[]', BAD_PAYLOAD),
    signedRaw('claims that are a text', undefined, '"claims"', BAD_PAYLOAD),
    signedRaw('claims that are null', undefined, 'null', BAD_PAYLOAD),
    signedRaw('claims that are not UTF-8', undefined, Buffer.from([0x7b, 0xff, 0x7d]), BAD_PAYLOAD),
    signedRaw('claims that end too early', undefined, '{"exp":1', BAD_PAYLOAD),
    signedRaw('no claims at all', undefined, '{}', NOT_FOR_CHANNEL),
  ]
}

function headerCases(): TokenCase[] {
  const header = (name: string, fields: TokenObject, verdict: TokenVerdict): TokenCase => ({
    name,
    token: (world) => world.owner.sign(goodClaims(world), fields),
    verdict,
  })
  const foreign = (alg: Parameters<typeof foreignToken>[0]): TokenCase => ({
    name: `a token signed with ${alg}`,
    token: (world) => foreignToken(alg, goodClaims(world), world.owner.publicKeyPem),
    verdict: BAD_HEADER,
  })
  return [
    ...(['HS256', 'HS384', 'RS256', 'PS384', 'ES256', 'ES512'] as const).map(foreign),
    {
      name: 'alg none without a signature',
      token: (world) => `${signedText({ alg: 'none', typ: 'JWT' }, goodClaims(world))}.`,
      verdict: NOT_BASE64URL,
    },
    header('alg none with a signature', { alg: 'none' }, BAD_HEADER),
    header('alg NONE', { alg: 'NONE' }, BAD_HEADER),
    header('alg in lower case', { alg: 'es384' }, BAD_HEADER),
    header('alg as a list', { alg: ['ES384'] }, BAD_HEADER),
    header('no alg', { alg: undefined }, BAD_HEADER),
    header('no typ', { typ: undefined }, GRANTED),
    header('typ in lower case', { typ: 'jwt' }, GRANTED),
    header('typ of something else', { typ: 'JWE' }, BAD_HEADER),
    header('typ that is no text', { typ: 1 }, BAD_HEADER),
    header('an extension that must be understood', { crit: ['exp'] }, BAD_HEADER),
    header('a payload that is not encoded', { b64: false, crit: ['b64'] }, BAD_HEADER),
    header('an unknown key id, which nobody looks at', { kid: '../../etc/passwd' }, GRANTED),
    {
      name: 'a key that the token brings along',
      token: (world) => world.stranger.sign(goodClaims(world), { jwk: world.stranger.publicJwk }),
      verdict: NOT_FOR_CHANNEL,
    },
    {
      name: 'a key that the token points to',
      token: (world) =>
        world.stranger.sign(goodClaims(world), {
          jku: 'http://127.0.0.1:1/keys',
          x5u: 'http://127.0.0.1:1/chain',
          x5c: [segment(world.stranger.publicKeyPem)],
        }),
      verdict: NOT_FOR_CHANNEL,
    },
  ]
}

function signatureCases(): TokenCase[] {
  const changed = (
    name: string,
    change: (parts: readonly [string, string, string], world: TokenWorld) => string,
  ): TokenCase => ({
    name,
    token: (world) => {
      const [header = '', payload = '', signature = ''] = world.owner.sign(goodClaims(world)).split('.')
      return change([header, payload, signature], world)
    },
    verdict: NOT_FOR_CHANNEL,
  })
  const by = (
    name: string,
    signer: (world: TokenWorld) => TokenSigner,
    verdict: TokenVerdict,
  ): TokenCase => ({
    name,
    token: (world) => signer(world).sign(goodClaims(world)),
    verdict,
  })
  return [
    by('the owner', (world) => world.owner, GRANTED),
    by('another key of the account', (world) => world.secondOwner, GRANTED),
    by('a key that was deleted', (world) => world.deleted, NOT_FOR_CHANNEL),
    by('a key that nobody imported', (world) => world.stranger, NOT_FOR_CHANNEL),
    by('a key of another account', (world) => world.otherAccount, NOT_FOR_CHANNEL),
    changed('the first bit of the signature', ([h, p, s]) => `${h}.${p}.${flipFirst(s)}`),
    changed(
      'the last byte of the signature',
      ([h, p, s]) => `${h}.${p}.${s.slice(0, -2)}${s.endsWith('AA') ? 'BB' : 'AA'}`,
    ),
    changed('a shorter signature', ([h, p, s]) => `${h}.${p}.${s.slice(0, -4)}`),
    changed('a longer signature', ([h, p, s]) => `${h}.${p}.${s}AAAA`),
    changed('a signature of one byte', ([h, p]) => `${h}.${p}.AA`),
    changed('a signature of zeros', ([h, p]) => `${h}.${p}.${segment(Buffer.alloc(96))}`),
    changed('a signature of ones', ([h, p]) => `${h}.${p}.${segment(Buffer.alloc(96, 0xff))}`),
    changed('r and s changed places', ([h, p, s]) => `${h}.${p}.${s.slice(64)}${s.slice(0, 64)}`),
    changed(
      'a signature in DER',
      ([h, p], { owner }) => `${h}.${p}.${owner.oddSignature(`${h}.${p}`, 'der')}`,
    ),
    changed(
      'a signature over another hash',
      ([h, p], { owner }) => `${h}.${p}.${owner.oddSignature(`${h}.${p}`, 'sha256')}`,
    ),
    changed('the signature of another token', ([h, p], world) => {
      const other = world.owner.sign({ ...goodClaims(world), 'aws:viewer-id': 'other' })
      return `${h}.${p}.${other.split('.')[2] ?? ''}`
    }),
    changed('a claim changed after signing', ([h, , s], world) => {
      const later = { ...goodClaims(world), exp: world.nowS + 301 }
      return `${h}.${segment(JSON.stringify(later))}.${s}`
    }),
    changed('a claim added after signing', ([h, , s], world) => {
      const more = { ...goodClaims(world), 'aws:ads-opt-out': true }
      return `${h}.${segment(JSON.stringify(more))}.${s}`
    }),
    changed('the header changed after signing', ([, p, s]) => `${segment('{"alg":"ES384"}')}.${p}.${s}`),
    changed('the signature over the payload alone', ([h, p], { owner }) => `${h}.${p}.${owner.signature(p)}`),
  ]
}

function channelCases(): TokenCase[] {
  const channel = (
    name: string,
    value: (world: TokenWorld) => unknown,
    verdict = NOT_FOR_CHANNEL,
  ): TokenCase => claim(`aws:channel-arn ${name}`, (world) => ({ 'aws:channel-arn': value(world) }), verdict)
  return [
    channel('of another channel', (world) => world.otherChannelArn),
    channel('missing', () => undefined),
    channel('that is a number', () => 1),
    channel('that is null', () => null),
    channel('that is empty', () => ''),
    channel('that is *', () => '*'),
    channel('in a list', (world) => [world.channelArn]),
    channel('in capitals', (world) => world.channelArn.toUpperCase()),
    channel('with a blank', (world) => `${world.channelArn} `),
    channel('that begins like the right one', (world) => world.channelArn.slice(0, -1)),
  ]
}

function timeCases(): TokenCase[] {
  const exp = (
    name: string,
    value: (nowS: number) => unknown,
    verdict: TokenVerdict,
    more: TokenObject = {},
  ) => claim(`exp ${name}`, ({ nowS }) => ({ ...more, exp: value(nowS) }), verdict)
  const wrong = invalid(/^exp must be a whole number of seconds$/)
  const viewer = { 'aws:viewer-id': 'someone' }
  return [
    exp('missing', () => undefined, invalid(/^exp is missing$/)),
    exp('that is a text', (nowS) => String(nowS + 60), wrong),
    exp('with a fraction', (nowS) => nowS + 60.5, wrong),
    exp('that is null', () => null, wrong),
    exp('that is true', () => true, wrong),
    exp('in a list', (nowS) => [nowS + 60], wrong),
    exp('beyond exact numbers', () => 2 ** 53, wrong),
    exp('of zero', () => 0, EXPIRED),
    exp('before 1970', () => -1, EXPIRED),
    exp('an hour ago', (nowS) => nowS - 3600, EXPIRED),
    exp('just beyond the skew', (nowS) => nowS - SKEW_S - 1, EXPIRED),
    exp('within the skew', (nowS) => nowS - SKEW_S + 10, GRANTED),
    exp('in a minute', (nowS) => nowS + 60, GRANTED),
    exp('in a year', (nowS) => nowS + 31_536_000, GRANTED),
    exp('in milliseconds', (nowS) => nowS * 1000, GRANTED),
    exp('in 10 minutes with a viewer id', (nowS) => nowS + 600, GRANTED, viewer),
    exp('at the cap and the skew with a viewer id', (nowS) => nowS + 600 + SKEW_S, GRANTED, viewer),
    exp('over the cap with a viewer id', (nowS) => nowS + 600 + SKEW_S + 20, TOO_FAR, viewer),
    exp('in milliseconds with a viewer id', (nowS) => nowS * 1000, TOO_FAR, viewer),
    claim('exp in 10 minutes for single use', ({ nowS }) => ({ ...once(), exp: nowS + 600 }), GRANTED),
    claim('exp over the cap for single use', ({ nowS }) => ({ ...once(), exp: nowS + 660 }), TOO_FAR),
    claim('nbf in the past', ({ nowS }) => ({ nbf: nowS - 60 }), GRANTED),
    claim('nbf within the skew', ({ nowS }) => ({ nbf: nowS + SKEW_S }), GRANTED),
    claim('nbf in the future', ({ nowS }) => ({ nbf: nowS + SKEW_S + 20 }), TOO_EARLY),
    claim('nbf that is a text', () => ({ nbf: '0' }), invalid(/^nbf must be a number/)),
    claim('iat in the past', ({ nowS }) => ({ iat: nowS - 3600 }), GRANTED),
    claim('iat that is a text', () => ({ iat: 'now' }), invalid(/^iat must be a number/)),
  ]
}

function viewerCases(): TokenCase[] {
  const id = (name: string, value: unknown, verdict: TokenVerdict): TokenCase =>
    claim(`aws:viewer-id ${name}`, () => ({ 'aws:viewer-id': value }), verdict)
  const version = (name: string, value: unknown, verdict: TokenVerdict): TokenCase =>
    claim(
      `aws:viewer-session-version ${name}`,
      () => ({ 'aws:viewer-id': 'someone', 'aws:viewer-session-version': value }),
      verdict,
    )
  const revoked = (
    name: string,
    value: (revokedVersion: number) => unknown,
    verdict: TokenVerdict,
  ): TokenCase =>
    claim(
      `a revoked viewer with ${name}`,
      (world) => ({
        'aws:viewer-id': world.revokedViewer,
        'aws:viewer-session-version': value(world.revokedVersion),
      }),
      verdict,
    )
  const wrongId = invalid(/^aws:viewer-id must be a text of 1 to 40 characters$/)
  const wrongVersion = invalid(/^aws:viewer-session-version must be a whole number up to 9007199254740991$/)
  return [
    id('of one character', 'v', GRANTED),
    id('of 40 characters', 'v'.repeat(40), GRANTED),
    id('of 41 characters', 'v'.repeat(41), wrongId),
    id('of 40 pictures', '\u{1F3BE}'.repeat(40), GRANTED),
    id('that is empty', '', wrongId),
    id('that is a number', 7, wrongId),
    id('that is null', null, wrongId),
    id('that is an object', {}, wrongId),
    id('with a zero character', 'a\0b', wrongId),
    id('with half a surrogate pair', '\ud83c', wrongId),
    version('0', 0, GRANTED),
    version('below 0', -5, GRANTED),
    version('of a unix time', 1_800_000_000, GRANTED),
    version('as a text of digits', '1800000000', GRANTED),
    version('at the limit', Number.MAX_SAFE_INTEGER, GRANTED),
    version('over the limit', 2 ** 53, wrongVersion),
    version('over the limit as a text', '9007199254740993', wrongVersion),
    version('over the limit of 64 bits', '9223372036854775808', wrongVersion),
    version('with a fraction', 1.5, wrongVersion),
    version('as an empty text', '', wrongVersion),
    version('as a text that is no number', 'one', wrongVersion),
    version('as a text with an exponent', '1e3', wrongVersion),
    version('that is true', true, wrongVersion),
    version('that is null', null, wrongVersion),
    claim(
      'aws:viewer-session-version without aws:viewer-id',
      () => ({ 'aws:viewer-session-version': 1 }),
      invalid(/^aws:viewer-session-version needs aws:viewer-id$/),
    ),
    revoked('no version', () => undefined, REVOKED),
    revoked('a lower version', (version) => version - 1, REVOKED),
    revoked('the version itself', (version) => version, REVOKED),
    revoked('the version as a text', (version) => String(version), REVOKED),
    revoked('the next version', (version) => version + 1, GRANTED),
    claim(
      'a viewer whose id only begins alike',
      (w) => ({ 'aws:viewer-id': `${w.revokedViewer}2` }),
      GRANTED,
    ),
  ]
}

function originCases(): TokenCase[] {
  const allow = (
    value: unknown,
    origin: string | undefined,
    verdict: TokenVerdict,
    strict?: unknown,
  ): TokenCase => ({
    name: `${strict === undefined ? '' : `strict ${JSON.stringify(strict)}, `}origin ${origin ?? 'not sent'} where ${value === undefined ? 'any' : JSON.stringify(value)} may play`,
    token: (world) =>
      world.owner.sign({
        ...goodClaims(world),
        'aws:access-control-allow-origin': value,
        'aws:strict-origin-enforcement': strict,
      }),
    ...(origin !== undefined && { origin }),
    verdict,
  })
  const wrong = invalid(/^aws:access-control-allow-origin must be origins with commas between$/)
  const wrongStrict = invalid(/^aws:strict-origin-enforcement must be true or false$/)
  const many = (count: number): string =>
    [PAGE, ...Array.from({ length: count - 1 }, (_, index) => `https://p${index}.test`)].join(',')
  return [
    allow(undefined, PAGE, GRANTED),
    allow(PAGE, PAGE, GRANTED),
    allow(PAGE, undefined, GRANTED),
    allow(PAGE, 'https://other.example.com', ORIGIN_REFUSED),
    allow(PAGE, 'http://page.example.com', ORIGIN_REFUSED),
    allow(PAGE, `${PAGE}:8443`, ORIGIN_REFUSED),
    allow(PAGE, `${PAGE}.evil.test`, ORIGIN_REFUSED),
    allow(PAGE, 'null', ORIGIN_REFUSED),
    allow('https://*.example.com', PAGE, GRANTED),
    allow('https://*.example.com', 'https://example.com', ORIGIN_REFUSED),
    allow('https://*.example.com', 'https://evilexample.com', ORIGIN_REFUSED),
    allow('*', PAGE, GRANTED),
    allow('*', 'null', GRANTED),
    allow(`https://a.test, ${PAGE}`, PAGE, GRANTED),
    allow(`https://a.test,https://b.test`, PAGE, ORIGIN_REFUSED),
    allow('page.example.com', PAGE, ORIGIN_REFUSED),
    allow('', PAGE, wrong),
    allow(' , ', PAGE, wrong),
    allow(1, PAGE, wrong),
    allow([PAGE], PAGE, wrong),
    allow(null, PAGE, wrong),
    allow(PAGE, PAGE, GRANTED, true),
    allow(PAGE, 'https://other.example.com', ORIGIN_REFUSED, true),
    allow(PAGE, undefined, ORIGIN_REQUIRED, true),
    allow('*', undefined, ORIGIN_REQUIRED, true),
    allow(undefined, undefined, ORIGIN_REQUIRED, true),
    allow(undefined, PAGE, GRANTED, true),
    allow(PAGE, undefined, GRANTED, false),
    allow(many(5), PAGE, GRANTED, true),
    allow(many(6), PAGE, invalid(/must name at most 5 origins$/), true),
    allow(many(6), PAGE, GRANTED),
    allow(PAGE, PAGE, wrongStrict, 'true'),
    allow(PAGE, PAGE, wrongStrict, 1),
    allow(PAGE, PAGE, wrongStrict, null),
  ]
}

function singleUseCases(): TokenCase[] {
  const single = (name: string, value: () => unknown, verdict: TokenVerdict, usedBefore = 0): TokenCase => ({
    ...claim(`aws:single-use-uuid ${name}`, () => ({ 'aws:single-use-uuid': value() }), verdict),
    usedBefore,
  })
  const wrong = invalid(/^aws:single-use-uuid must be a UUID$/)
  return [
    single('used once', () => randomUUID(), GRANTED),
    single('used twice', () => randomUUID(), SPENT, 1),
    single('used three times', () => randomUUID(), SPENT, 2),
    single('in capitals, used once', () => randomUUID().toUpperCase(), GRANTED),
    single('that is no UUID', () => 'once', wrong),
    single('with a character too many', () => `${randomUUID()}0`, wrong),
    single('without its hyphens', () => randomUUID().replaceAll('-', ''), wrong),
    single('that is empty', () => '', wrong),
    single('that is a number', () => 1, wrong),
    single('that is null', () => null, wrong),
    { ...claim('a token for any number of uses, used again', () => ({}), GRANTED), usedBefore: 2 },
  ]
}

function renditionCases(): TokenCase[] {
  const maximum = (value: unknown, verdict: TokenVerdict): TokenCase =>
    claim(
      `aws:maximum-resolution ${JSON.stringify(value)}`,
      () => ({ 'aws:maximum-resolution': value }),
      verdict,
    )
  const wrong = invalid(/^aws:maximum-resolution must be one of SD, HD, FULL_HD$/)
  return [
    maximum('SD', GRANTED),
    maximum('HD', GRANTED),
    maximum('FULL_HD', GRANTED),
    maximum('sd', wrong),
    maximum('UHD', wrong),
    maximum('LOWEST_RESOLUTION', wrong),
    maximum('', wrong),
    maximum(1080, wrong),
    maximum(null, wrong),
  ]
}

function adsCases(): TokenCase[] {
  const ads = (name: string, value: unknown, verdict: TokenVerdict): TokenCase =>
    claim(`aws:ads-${name} ${shortly(value)}`, () => ({ [`aws:ads-${name}`]: value }), verdict)
  const wrong = (name: string): TokenVerdict => invalid(new RegExp(`^aws:ads-${name} must be `))
  return [
    ads('opt-out', true, GRANTED),
    ads('opt-out', false, GRANTED),
    ads('opt-out', 'true', wrong('opt-out')),
    ads('opt-out', 1, wrong('opt-out')),
    ads('opt-out', null, wrong('opt-out')),
    ads('player-params', {}, GRANTED),
    ads('player-params', { genre: 'sport', __proto__x: 'y' }, GRANTED),
    ads('player-params', { key: 'x'.repeat(997) }, GRANTED),
    ads('player-params', { key: 'x'.repeat(998) }, wrong('player-params')),
    ads('player-params', { ключ: 'ж'.repeat(496) }, GRANTED),
    ads('player-params', { ключ: 'ж'.repeat(497) }, wrong('player-params')),
    ads('player-params', { key: 1 }, wrong('player-params')),
    ads('player-params', { key: { deeper: 'x' } }, wrong('player-params')),
    ads('player-params', ['x'], wrong('player-params')),
    ads('player-params', 'key=x', wrong('player-params')),
    ads('player-params', null, wrong('player-params')),
    ads('playback-config-name', 'sport', GRANTED),
    ads('playback-config-name', '', wrong('playback-config-name')),
    ads('playback-config-name', 1, wrong('playback-config-name')),
    ads('reporting-mode', 'CLIENT', GRANTED),
    ads('reporting-mode', 'SERVER', GRANTED),
    ads('reporting-mode', 'client', wrong('reporting-mode')),
    ads('reporting-mode', true, wrong('reporting-mode')),
    claim('claims that nobody knows', () => ({ sub: 'x', 'aws:something-new': [1] }), GRANTED),
  ]
}

/** Claims that open the channel for five minutes. */
export function goodClaims({ channelArn, nowS }: Pick<TokenWorld, 'channelArn' | 'nowS'>): TokenObject {
  return { 'aws:channel-arn': channelArn, exp: nowS + 300 }
}

/** Good claims with `changes`; a claim that is undefined is left out. */
function claim(name: string, changes: (world: TokenWorld) => TokenObject, verdict: TokenVerdict): TokenCase {
  return {
    name,
    token: (world) => world.owner.sign({ ...goodClaims(world), ...changes(world) }),
    verdict,
  }
}

function signedRaw(
  name: string,
  header: string | undefined,
  payload: string | Buffer,
  verdict: TokenVerdict,
): TokenCase {
  return {
    name,
    token: ({ owner }) => {
      const text = `${segment(header ?? '{"alg":"ES384","typ":"JWT"}')}.${segment(payload)}`
      return `${text}.${owner.signature(text)}`
    },
    verdict,
  }
}

/** A good token of so many characters. */
function ofLength(world: TokenWorld, length: number): string {
  const make = (padding: number): string =>
    world.owner.sign({ ...goodClaims(world), padding: 'x'.repeat(padding) })
  // Three bytes are four characters, so not every length can be had.
  const padding = Math.floor(((length - make(0).length) * 3) / 4)
  const [fitting = ''] = [padding + 2, padding + 1, padding]
    .map(make)
    .filter((token) => (length <= 2048 ? token.length <= length : token.length >= length))
  return fitting
}

function once(): TokenObject {
  return { 'aws:single-use-uuid': randomUUID() }
}

function flipFirst(signature: string): string {
  const bytes = Buffer.from(signature, 'base64url')
  bytes[0] = (bytes[0] ?? 0) ^ 0x80
  return segment(bytes)
}

function shortly(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > 40 ? `${text.slice(0, 30)}… of ${Buffer.byteLength(text)} bytes` : text
}

function invalid(says: RegExp): TokenVerdict {
  return { kind: 'refused', code: 'invalid_playback_auth_token', says }
}

function failed(says: RegExp): TokenVerdict {
  return { kind: 'refused', code: 'playback_auth_error', says }
}
