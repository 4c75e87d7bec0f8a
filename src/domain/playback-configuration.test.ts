import { describe, expect, test } from 'vitest'
import { putPlaybackConfiguration } from './playback-configuration-rules.ts'
import { adSettingsOf, preRollSecondsOf } from './playback-configuration.ts'
import type { AdSettings } from './playback-configuration.ts'

const BIRTH = { region: 'us-west-2', accountId: '123456789012', nowMs: 5 }
const LEAST = {
  VideoContentSourceUrl: 'https://video.example.com/',
  AdDecisionServerUrl: 'https://ads.example.com/vast',
}
const PLAIN: AdSettings = {
  configurationName: 'ads',
  adDecisionServerUrl: LEAST.AdDecisionServerUrl,
  httpRequest: { method: 'GET', headers: {}, body: '', compress: 'NONE' },
  sequencing: 'ignore',
  requestTimeoutMs: 3000,
  totalTimeoutMs: 10_000,
  maxConcurrentRequests: undefined,
  prefersStreaming: false,
  slateUrl: undefined,
  bumperStartUrl: undefined,
  bumperEndUrl: undefined,
  personalizationThresholdSeconds: undefined,
  suppression: { mode: 'OFF', valueSeconds: 0, fillPolicy: 'FULL_AVAIL_ONLY' },
  aliases: {},
  logPercent: 0,
  excludedLogEvents: [],
  excludedManifestLogEvents: [],
}
const DEFAULTS: AdSettings = { ...PLAIN, prefetch: PLAIN, preRoll: undefined }

function settingsOf(document: object): AdSettings {
  const put = { name: 'ads', document: { ...LEAST, ...document }, tags: undefined }
  return adSettingsOf(putPlaybackConfiguration(BIRTH, put, undefined))
}

test('what was not put has its default', () => {
  expect(settingsOf({})).toEqual(DEFAULTS)
  expect(settingsOf({ AdDecisionServerConfiguration: { HttpRequest: {} }, Bumper: {} })).toEqual(DEFAULTS)
})

test('everything that was put counts', () => {
  const aliases = { 'player_params.host': { eu: 'eu.example.com' } }
  const settings = settingsOf({
    AdDecisionServerConfiguration: {
      HttpRequest: { Method: 'POST', Headers: { a: 'b' }, Body: '{}', CompressRequest: 'GZIP' },
      VastResponse: { AdSequencingMode: 'FOLLOW_AD_SEQUENCE' },
    },
    AdsPersonalizationTimeouts: {
      AdsRequestTimeoutMilliseconds: 300,
      LiveMaximumAdsPersonalizationTimeMilliseconds: 400,
      VodMaximumAdsPersonalizationTimeMilliseconds: 500,
      PrefetchAdsRequestTimeoutMilliseconds: 600,
      PrefetchMaximumAdsPersonalizationTimeMilliseconds: 700,
    },
    AdsPersonalizationConcurrency: { MaxConcurrentAdsRequests: 2 },
    AdConditioningConfiguration: { StreamingMediaFileConditioning: 'NONE' },
    AvailSuppression: { Mode: 'AFTER_LIVE_EDGE', Value: '01:02:03', FillPolicy: 'PARTIAL_AVAIL' },
    Bumper: { StartUrl: 'https://a/in', EndUrl: 'https://a/out' },
    ConfigurationAliases: aliases,
    PersonalizationThresholdSeconds: 8,
    SlateAdUrl: 'https://a/slate',
    LogConfiguration: {
      PercentEnabled: 60,
      AdsInteractionLog: { ExcludeEventTypes: ['BEACON_FIRED'] },
      ManifestServiceInteractionLog: { ExcludeEventTypes: ['TRACKING_RESPONSE'] },
      EnabledLoggingStrategies: [],
    },
  })
  const { prefetch, ...others } = settings
  const { preRoll, ...forBreaks } = others
  expect(prefetch).toEqual({ ...forBreaks, requestTimeoutMs: 600, totalTimeoutMs: 700 })
  expect(preRoll).toBeUndefined()
  expect(forBreaks).toEqual({
    configurationName: 'ads',
    adDecisionServerUrl: LEAST.AdDecisionServerUrl,
    httpRequest: { method: 'POST', headers: { a: 'b' }, body: '{}', compress: 'GZIP' },
    sequencing: 'follow',
    requestTimeoutMs: 300,
    totalTimeoutMs: 400,
    maxConcurrentRequests: 2,
    prefersStreaming: true,
    slateUrl: 'https://a/slate',
    bumperStartUrl: 'https://a/in',
    bumperEndUrl: 'https://a/out',
    personalizationThresholdSeconds: 8,
    suppression: { mode: 'AFTER_LIVE_EDGE', valueSeconds: 3723, fillPolicy: 'PARTIAL_AVAIL' },
    aliases,
    logPercent: 60,
    excludedLogEvents: ['BEACON_FIRED'],
    excludedManifestLogEvents: ['TRACKING_RESPONSE'],
  })
})

test.each([
  ['IGNORE_AD_SEQUENCE', 'ignore'],
  ['FOLLOW_AD_SEQUENCE', 'follow'],
  ['FOLLOW_AD_SEQUENCE_ONLY_LIVE', 'follow'],
  ['FOLLOW_AD_SEQUENCE_ONLY_VOD', 'ignore'],
])('%s is %s in a live stream', (AdSequencingMode, sequencing) => {
  const settings = settingsOf({ AdDecisionServerConfiguration: { VastResponse: { AdSequencingMode } } })
  expect(settings.sequencing).toBe(sequencing)
})

test('empty texts take a slate and bumpers away', () => {
  expect(settingsOf({ SlateAdUrl: '', Bumper: { StartUrl: '', EndUrl: '' } })).toEqual(DEFAULTS)
})

describe('ads before the stream', () => {
  const AdDecisionServerUrl = 'https://ads.example.com/pre'

  test('are asked for by themselves, without slate, bumpers and suppression (ssai §3.4)', () => {
    const { preRoll } = settingsOf({
      AdDecisionServerConfiguration: { HttpRequest: { Method: 'POST' } },
      AvailSuppression: { Mode: 'AFTER_LIVE_EDGE', Value: '01:00:00' },
      Bumper: { StartUrl: 'https://a/in', EndUrl: 'https://a/out' },
      LivePreRollConfiguration: {
        AdDecisionServerUrl,
        MaxDurationSeconds: 20,
        AdDecisionServerConfiguration: { VastResponse: { AdSequencingMode: 'FOLLOW_AD_SEQUENCE' } },
      },
      PersonalizationThresholdSeconds: 8,
      SlateAdUrl: 'https://a/slate',
    })
    expect(preRoll).toEqual({ ...PLAIN, adDecisionServerUrl: AdDecisionServerUrl, sequencing: 'follow' })
  })

  test.each([
    [{ AdDecisionServerUrl, MaxDurationSeconds: 20 }, 20],
    [{ AdDecisionServerUrl, MaxDurationSeconds: 3600 }, 300],
    [{ AdDecisionServerUrl }, 300],
    [{ AdDecisionServerUrl, MaxDurationSeconds: 0 }, undefined],
    [{ AdDecisionServerUrl: '', MaxDurationSeconds: 20 }, undefined],
    [{ MaxDurationSeconds: 20 }, undefined],
    [undefined, undefined],
  ])('with %j last %j seconds', (LivePreRollConfiguration, seconds) => {
    const members = { ...LEAST, ...(LivePreRollConfiguration && { LivePreRollConfiguration }) }
    expect(preRollSecondsOf(members)).toBe(seconds)
  })
})
