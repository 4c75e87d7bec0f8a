import { expect, test } from 'vitest'
import { accountHash } from '../../domain/playback-endpoints.ts'
import { startSession, type StartedSession } from './session-start.ts'
import type { SessionParameters } from './session-parameters.ts'

const ACCOUNT_ID = '123456789012'
const CHANNEL_ARN = `arn:aws:ivs:us-west-2:${ACCOUNT_ID}:channel/AbCdEfGhIjKl`
const PARAMETERS: SessionParameters = {
  playerParams: { region: 'eu' },
  manifestParams: {},
  reportingMode: 'SERVER',
  isGuided: false,
  isGuidedAhead: false,
  token: undefined,
  suppression: undefined,
}
const ALIASES = { ConfigurationAliases: { 'player_params.region': { eu: 'ads.eu.example.com' } } }

type Case = {
  readonly document?: object
  readonly parameters?: Partial<SessionParameters>
  readonly channelArn?: string
  readonly asset?: string
}

function start({
  document = {},
  parameters,
  channelArn = CHANNEL_ARN,
  asset = 'live.m3u8',
}: Case): StartedSession {
  const address = {
    kind: 'session',
    accountHash: accountHash(ACCOUNT_ID),
    configurationName: 'ads',
    rest: asset,
  } as const
  const configuration = {
    arn: 'arn',
    accountId: ACCOUNT_ID,
    name: 'ads',
    tags: {},
    createdAtMs: 0,
    document: document as Record<string, unknown>,
  }
  return startSession(address, configuration, {
    read: { kind: 'read', parameters: { ...PARAMETERS, ...parameters } },
    token: null,
    channelOf: (path) => (path === '/live.m3u8' ? channelArn : undefined),
  })
}

test('a session begins on a channel of the configuration’s account, with its pre-roll', () => {
  const LivePreRollConfiguration = { AdDecisionServerUrl: 'https://ads/pre', MaxDurationSeconds: 30 }
  expect(start({ document: { LivePreRollConfiguration } })).toEqual({
    place: {
      accountHash: accountHash(ACCOUNT_ID),
      accountId: ACCOUNT_ID,
      configurationName: 'ads',
      channelArn: CHANNEL_ARN,
      preRollSeconds: 30,
    },
    parameters: PARAMETERS,
  })
})

test.each<[string, Case, string, string]>([
  [
    'an alias that the configuration does not know',
    { document: ALIASES, parameters: { playerParams: { region: 'moon' } } },
    'BadRequestException',
    'the player parameter region must be one of the configuration’s aliases',
  ],
  [
    'a name that every object has, as an alias',
    { document: ALIASES, parameters: { playerParams: { region: 'constructor' } } },
    'BadRequestException',
    'the player parameter region must be one of the configuration’s aliases',
  ],
  [
    'no value for a parameter that has aliases',
    { document: ALIASES, parameters: { playerParams: {} } },
    'BadRequestException',
    'the player parameter region is missing',
  ],
  [
    'guided mode without PLAYER_SELECT',
    { document: { InsertionMode: 'STITCHED_ONLY' }, parameters: { isGuided: true } },
    'BadRequestException',
    'GUIDED needs a playback configuration with InsertionMode PLAYER_SELECT',
  ],
  [
    'a channel of another account',
    { channelArn: 'arn:aws:ivs:us-west-2:999999999999:channel/AbCdEfGhIjKl' },
    'NotFoundException',
    'there is no such channel',
  ],
  [
    'an asset that is no channel',
    { asset: 'film.m3u8' },
    'NotFoundException',
    'the asset must be the path of a channel’s playback URL',
  ],
])('refuses %s (ssai §3.1, §3.2)', (_what, wish, type, message) => {
  expect(() => start(wish)).toThrow(expect.objectContaining({ type, message }) as Error)
})

test('aliases are taken as they come with a token, whose own parameters count too', () => {
  const parameters = { playerParams: {}, token: 'token' }
  expect(start({ document: ALIASES, parameters }).parameters).toMatchObject(parameters)
  expect(start({ document: ALIASES }).parameters.playerParams).toEqual({ region: 'eu' })
})
