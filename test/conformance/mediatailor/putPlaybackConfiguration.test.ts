import { createHash } from 'node:crypto'
import {
  ConfigureLogsForPlaybackConfigurationCommand,
  GetPlaybackConfigurationCommand,
  ListPlaybackConfigurationsCommand,
  PutPlaybackConfigurationCommand,
} from '@aws-sdk/client-mediatailor'
import type { PutPlaybackConfigurationCommandInput } from '@aws-sdk/client-mediatailor'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ACCOUNT_ID, REGION, startApi } from '../api-fixture.ts'
import type { ApiFixture } from '../api-fixture.ts'
import { badRequest, expectFault, notFound } from './expect-fault.ts'
import { sendSigned } from './signed-request.ts'

let api: ApiFixture
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api[Symbol.asyncDispose]())

const HASH = createHash('sha1').update(ACCOUNT_ID).digest('hex')
const LEAST = {
  Name: 'least',
  VideoContentSourceUrl: 'https://video.example.com/',
  AdDecisionServerUrl: 'https://ads.example.com/vast?d=[session.avail_duration_secs]',
}
/** What this SDK's client can put. */
const FULL: PutPlaybackConfigurationCommandInput = {
  ...LEAST,
  Name: 'full',
  AdDecisionServerUrl: 'https://[player_params.host]/vast?u=[player_params.user]',
  AdConditioningConfiguration: { StreamingMediaFileConditioning: 'NONE' },
  AvailSuppression: { Mode: 'AFTER_LIVE_EDGE', Value: '00:01:30', FillPolicy: 'PARTIAL_AVAIL' },
  Bumper: { StartUrl: 'https://ads.example.com/in.mp4', EndUrl: 'https://ads.example.com/out.mp4' },
  CdnConfiguration: { AdSegmentUrlPrefix: 'https://cdn.example.com/', ContentSegmentUrlPrefix: 'https://c/' },
  ConfigurationAliases: { 'player_params.host': { eu: 'eu.example.com', us: 'us.example.com' } },
  DashConfiguration: { MpdLocation: 'DISABLED', OriginManifestType: 'SINGLE_PERIOD' },
  InsertionMode: 'PLAYER_SELECT',
  LivePreRollConfiguration: { AdDecisionServerUrl: 'https://ads.example.com/pre', MaxDurationSeconds: 20 },
  ManifestProcessingRules: { AdMarkerPassthrough: { Enabled: true } },
  PersonalizationThresholdSeconds: 8,
  SlateAdUrl: 'https://ads.example.com/slate.mp4',
  TranscodeProfileName: 'profile',
  Tags: { team: 'ads' },
}
/** Members that newer clients put. */
const NEWER = {
  AdDecisionServerConfiguration: {
    HttpRequest: {
      Method: 'POST',
      Headers: { 'Content-Type': 'application/json', 'X-Key': '{{player_params.key}}' },
      Body: '{"id":"{{session.id}}"}',
      CompressRequest: 'GZIP',
    },
    VastResponse: { AdSequencingMode: 'FOLLOW_AD_SEQUENCE_ONLY_LIVE' },
  },
  AdsPersonalizationTimeouts: {
    AdsRequestTimeoutMilliseconds: 250,
    LiveMaximumAdsPersonalizationTimeMilliseconds: 250,
    VodMaximumAdsPersonalizationTimeMilliseconds: 10_000,
    PrefetchAdsRequestTimeoutMilliseconds: 300,
    PrefetchMaximumAdsPersonalizationTimeMilliseconds: 300,
  },
  AdsPersonalizationConcurrency: { MaxConcurrentAdsRequests: 100, EnableVodVastParallelization: true },
  FunctionMapping: { PRE_ADS_REQUEST: 'function-1' },
  LivePreRollConfiguration: {
    AdDecisionServerConfiguration: { VastResponse: { AdSequencingMode: 'FOLLOW_AD_SEQUENCE' } },
  },
}

const put = async (input: PutPlaybackConfigurationCommandInput) => {
  const { $metadata, ...shown } = await api.mediaTailor.send(new PutPlaybackConfigurationCommand(input))
  expect($metadata.httpStatusCode).toBe(200)
  return shown
}
const get = async (Name: string) => {
  const { $metadata, ...shown } = await api.mediaTailor.send(new GetPlaybackConfigurationCommand({ Name }))
  expect($metadata.httpStatusCode).toBe(200)
  return shown
}
const putRaw = (body: object) =>
  sendSigned(api, { method: 'PUT', path: '/playbackConfiguration', body: { ...LEAST, ...body } })

test('shows the addresses of this server and every default', async () => {
  const shown = await put(LEAST)
  expect(shown).toEqual({
    ...LEAST,
    AdConditioningConfiguration: { StreamingMediaFileConditioning: 'TRANSCODE' },
    AvailSuppression: { Mode: 'OFF' },
    Bumper: {},
    CdnConfiguration: {},
    ConfigurationAliases: {},
    DashConfiguration: {
      ManifestEndpointPrefix: `${api.url}/v1/dash/${HASH}/least/`,
      DualStackManifestEndpointPrefix: `${api.url}/v1/dash/${HASH}/least/`,
      MpdLocation: 'EMT_DEFAULT',
      OriginManifestType: 'MULTI_PERIOD',
    },
    HlsConfiguration: {
      ManifestEndpointPrefix: `${api.url}/v1/master/${HASH}/least/`,
      DualStackManifestEndpointPrefix: `${api.url}/v1/master/${HASH}/least/`,
    },
    InsertionMode: 'STITCHED_ONLY',
    LivePreRollConfiguration: {},
    LogConfiguration: { PercentEnabled: 0, EnabledLoggingStrategies: ['LEGACY_CLOUDWATCH'] },
    ManifestProcessingRules: { AdMarkerPassthrough: { Enabled: false } },
    PlaybackConfigurationArn: `arn:aws:mediatailor:${REGION}:${ACCOUNT_ID}:playbackConfiguration/least`,
    PlaybackEndpointPrefix: api.url,
    SessionInitializationEndpointPrefix: `${api.url}/v1/session/${HASH}/least/`,
    Tags: {},
  })
  expect(await get('least')).toEqual(shown)
  const raw = await putRaw({})
  expect(raw.body).toMatchObject({
    DualStackPlaybackEndpointPrefix: api.url,
    DualStackSessionInitializationEndpointPrefix: `${api.url}/v1/session/${HASH}/least/`,
    tags: {},
  })
})

test('keeps and shows every member that a client can put', async () => {
  const shown = await put(FULL)
  const { DashConfiguration, ...members } = FULL
  expect(shown).toMatchObject(members)
  expect(shown.DashConfiguration).toMatchObject(DashConfiguration ?? {})
  expect(await get('full')).toEqual(shown)
})

test('keeps and shows members that clients know only since', async () => {
  const answer = await putRaw({ Name: 'newer', ...NEWER, Unknown: 1, Bumper: { StartUrl: '', Unknown: 1 } })
  expect(answer.status).toBe(200)
  expect(answer.body).toMatchObject(NEWER)
  expect(answer.body['Bumper']).toEqual({ StartUrl: '' })
  expect(answer.body).not.toHaveProperty('Unknown')
  const got = await sendSigned(api, { method: 'GET', path: '/playbackConfiguration/newer' })
  expect(got).toEqual({ status: 200, type: null, body: answer.body })
  const listed = await sendSigned(api, { method: 'GET', path: '/playbackConfigurations' })
  expect(listed.body['Items']).toContainEqual(answer.body)
})

test('replaces the whole configuration but what is logged and, without new ones, the tags', async () => {
  const before = await put({ ...FULL, Name: 'replaced' })
  await api.mediaTailor.send(
    new ConfigureLogsForPlaybackConfigurationCommand({
      PlaybackConfigurationName: 'replaced',
      PercentEnabled: 7,
    }),
  )
  const least = await put({ ...LEAST, Name: 'other' })
  const after = await put({ ...LEAST, Name: 'replaced' })
  expect(after).toEqual({
    ...least,
    Name: 'replaced',
    PlaybackConfigurationArn: before.PlaybackConfigurationArn,
    SessionInitializationEndpointPrefix: before.SessionInitializationEndpointPrefix,
    HlsConfiguration: before.HlsConfiguration,
    DashConfiguration: {
      ...before.DashConfiguration,
      MpdLocation: 'EMT_DEFAULT',
      OriginManifestType: 'MULTI_PERIOD',
    },
    LogConfiguration: { PercentEnabled: 7, EnabledLoggingStrategies: ['LEGACY_CLOUDWATCH'] },
    Tags: { team: 'ads' },
  })
  expect((await put({ ...LEAST, Name: 'replaced', Tags: { a: 'b' } })).Tags).toEqual({ a: 'b' })
})

test.each(['with blank', 'under_score', 'q?a=b&c#d', '100%', '%2F', 'Grüße', 'ü'.repeat(512)])(
  'a name may be "%s"',
  async (Name) => {
    const shown = await put({ ...LEAST, Name })
    expect(await get(Name)).toEqual(shown)
    expect(shown.HlsConfiguration?.ManifestEndpointPrefix).toBe(
      `${api.url}/v1/master/${HASH}/${encodeURIComponent(Name)}/`,
    )
  },
)

test('refuses one more than the quota with 400, and goes on replacing', async () => {
  await using small = await startApi({ playbackConfigurations: 2 })
  const putSmall = (Name: string) =>
    small.mediaTailor.send(new PutPlaybackConfigurationCommand({ ...LEAST, Name }))
  await putSmall('a')
  await putSmall('b')
  await expectFault(putSmall('c'), badRequest('an account can have 2 playback configurations'))
  await putSmall('a')
  await expectFault(
    small.mediaTailor.send(new GetPlaybackConfigurationCommand({ Name: 'c' })),
    notFound('playback configuration c not found'),
  )
})

const timeouts = (AdsPersonalizationTimeouts: object) => ({ AdsPersonalizationTimeouts })
const httpRequest = (HttpRequest: object) => ({ AdDecisionServerConfiguration: { HttpRequest } })

test.each<{ says: string; body: object }>([
  { says: 'Name is required', body: { Name: undefined } },
  { says: 'Name must be at least 1 characters long', body: { Name: '' } },
  { says: 'Name must be at most 512 characters long', body: { Name: 'n'.repeat(513) } },
  { says: 'Name must match', body: { Name: 'a/b' } },
  { says: 'Name must match', body: { Name: 'a\ud800' } },
  { says: 'Name must not be . or ..', body: { Name: '..' } },
  { says: 'VideoContentSourceUrl is required', body: { VideoContentSourceUrl: undefined } },
  {
    says: 'VideoContentSourceUrl must be at most 512 characters long',
    body: { VideoContentSourceUrl: `https://${'a'.repeat(505)}` },
  },
  { says: 'VideoContentSourceUrl must match', body: { VideoContentSourceUrl: 'ftp://example.com/' } },
  { says: 'AdDecisionServerUrl is required', body: { AdDecisionServerUrl: null } },
  {
    says: 'AdDecisionServerUrl must be at most 25000 characters long',
    body: { AdDecisionServerUrl: `https://a/${'a'.repeat(24_991)}` },
  },
  { says: 'InsertionMode must be one of STITCHED_ONLY, PLAYER_SELECT', body: { InsertionMode: 'GUIDED' } },
  {
    says: 'AdsPersonalizationTimeouts.AdsRequestTimeoutMilliseconds must be at least 250',
    body: timeouts({ AdsRequestTimeoutMilliseconds: 249 }),
  },
  {
    says: 'AdsPersonalizationTimeouts.AdsRequestTimeoutMilliseconds must be at most 6000',
    body: timeouts({ AdsRequestTimeoutMilliseconds: 6001 }),
  },
  {
    says: 'AdsPersonalizationTimeouts.PrefetchMaximumAdsPersonalizationTimeMilliseconds must be at most 10000',
    body: timeouts({ PrefetchMaximumAdsPersonalizationTimeMilliseconds: 10_001 }),
  },
  {
    says: 'AdsPersonalizationTimeouts needs LiveMaximumAdsPersonalizationTimeMilliseconds',
    body: timeouts({ AdsRequestTimeoutMilliseconds: 250 }),
  },
  {
    says: 'AdsPersonalizationTimeouts needs PrefetchAdsRequestTimeoutMilliseconds',
    body: timeouts({ PrefetchMaximumAdsPersonalizationTimeMilliseconds: 250 }),
  },
  {
    says: 'AdsPersonalizationTimeouts.AdsRequestTimeoutMilliseconds must be at most LiveMaximum',
    body: timeouts({
      AdsRequestTimeoutMilliseconds: 1000,
      LiveMaximumAdsPersonalizationTimeMilliseconds: 1000,
      VodMaximumAdsPersonalizationTimeMilliseconds: 999,
    }),
  },
  {
    says: 'AdsPersonalizationTimeouts.PrefetchAdsRequestTimeoutMilliseconds must be at most PrefetchMaximum',
    body: timeouts({
      PrefetchAdsRequestTimeoutMilliseconds: 251,
      PrefetchMaximumAdsPersonalizationTimeMilliseconds: 250,
    }),
  },
  {
    says: 'AdsPersonalizationConcurrency.MaxConcurrentAdsRequests must be at most 100',
    body: { AdsPersonalizationConcurrency: { MaxConcurrentAdsRequests: 101 } },
  },
  {
    says: 'AvailSuppression.Value must match',
    body: { AvailSuppression: { Mode: 'BEHIND_LIVE_EDGE', Value: '1:00' } },
  },
  {
    says: 'AvailSuppression.Value is required with BEHIND_LIVE_EDGE',
    body: { AvailSuppression: { Mode: 'BEHIND_LIVE_EDGE' } },
  },
  {
    says: 'AvailSuppression.FillPolicy PARTIAL_AVAIL needs Mode AFTER_LIVE_EDGE',
    body: {
      AvailSuppression: { Mode: 'BEHIND_LIVE_EDGE', Value: '00:00:00', FillPolicy: 'PARTIAL_AVAIL' },
    },
  },
  {
    says: 'AdDecisionServerConfiguration.HttpRequest.Method must be one of GET, POST',
    body: httpRequest({ Method: 'PUT' }),
  },
  {
    says: 'AdDecisionServerConfiguration.HttpRequest.Body needs Method POST',
    body: httpRequest({ Body: 'x' }),
  },
  {
    says: 'a key in AdDecisionServerConfiguration.HttpRequest.Headers must match',
    body: httpRequest({ Headers: { 'a b': 'c' } }),
  },
  {
    says: 'a value in AdDecisionServerConfiguration.HttpRequest.Headers must match',
    body: httpRequest({ Headers: { a: 'c\r\nx: y' } }),
  },
  {
    says: 'AdDecisionServerConfiguration.HttpRequest.Headers must not have Host',
    body: httpRequest({ Headers: { Host: 'c' } }),
  },
  {
    says: 'a key in ConfigurationAliases must match',
    body: { ConfigurationAliases: { 'session.id': { a: 'b' } } },
  },
  {
    says: 'a value in ConfigurationAliases must be of type string',
    body: { ConfigurationAliases: { 'player_params.a': { a: 1 } } },
  },
  {
    says: 'AdDecisionServerUrl has the variable [player_params.host] in its host, which needs Configuration',
    body: { AdDecisionServerUrl: 'https://[player_params.host]/ads' },
  },
  {
    says: 'LivePreRollConfiguration.AdDecisionServerConfiguration.VastResponse.AdSequencingMode must be one of',
    body: {
      LivePreRollConfiguration: {
        AdDecisionServerConfiguration: {
          VastResponse: { AdSequencingMode: 'FOLLOW_AD_SEQUENCE_ONLY_LIVE' },
        },
      },
    },
  },
  {
    says: 'AdConditioningConfiguration.StreamingMediaFileConditioning is required',
    body: { AdConditioningConfiguration: {} },
  },
  {
    says: 'PersonalizationThresholdSeconds must be at least 1',
    body: { PersonalizationThresholdSeconds: 0 },
  },
  { says: 'tags has a key with the reserved prefix aws:', body: { tags: { 'aws:x': '' } } },
])('refuses with 400 and keeps nothing: $says', async ({ says, body }) => {
  const answer = await putRaw({ Name: 'refused', ...body })
  expect(answer).toEqual({
    status: 400,
    type: 'BadRequestException',
    body: { Message: expect.stringContaining(says) as string },
  })
  await expectFault(
    api.mediaTailor.send(new GetPlaybackConfigurationCommand({ Name: 'refused' })),
    notFound('refused not found'),
  )
})

test('lists page by page, oldest first, and refuses odd pages with 400', async () => {
  await using many = await startApi()
  const names = ['c', 'a', 'b']
  for (const Name of names) {
    await many.mediaTailor.send(new PutPlaybackConfigurationCommand({ ...LEAST, Name }))
    many.clock.advance(1)
  }
  const list = (input: { MaxResults?: number; NextToken?: string }) =>
    many.mediaTailor.send(new ListPlaybackConfigurationsCommand(input))
  const all = await list({})
  expect(all.Items?.map(({ Name }) => Name)).toEqual(names)
  expect(all.NextToken).toBeUndefined()
  const first = await list({ MaxResults: 2 })
  expect(first.Items).toEqual(all.Items?.slice(0, 2))
  const second = await list({ MaxResults: 2, NextToken: first.NextToken ?? '' })
  expect([second.Items, second.NextToken]).toEqual([all.Items?.slice(2), undefined])
  await expectFault(list({ MaxResults: 0 }), badRequest('MaxResults must be at least 1'))
  await expectFault(list({ MaxResults: 101 }), badRequest('MaxResults must be at most 100'))
  await expectFault(list({ NextToken: 'x' }), badRequest('does not belong to this list'))
  const odd = await sendSigned(many, {
    method: 'GET',
    path: '/playbackConfigurations',
    query: { MaxResults: 'ten' },
  })
  expect(odd.body).toEqual({ Message: 'MaxResults must be a whole number' })
})
