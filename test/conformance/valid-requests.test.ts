import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ivsOperations } from '../../src/api/ivs/ivs-operations.ts'
import { DEFAULT_SERVICE_LIMITS } from '../../src/domain/service-limits.ts'
import { ACCOUNT_ID, startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { send, validInput, without } from './request-samples.ts'
import type { JsonMap } from './request-samples.ts'
import {
  freshPublicKeyPem,
  makeChannel,
  playbackConfigurationArn,
  putPlaybackConfigurations,
} from './resource-makers.ts'
import { oneOfEach } from './stored-state.ts'

const SAMPLES = 12
const MANY = 1000

/** A kind of resource: the operations on it and what random members need to go together. */
type Kind = {
  readonly noun: string
  readonly create: string
  readonly plural: string
  /** Member of answers that holds it. */
  readonly member: string
  /** Member of list answers. */
  readonly listed: string
  readonly updatable: boolean
  readonly coherent: (input: JsonMap) => JsonMap
}

const KINDS: readonly Kind[] = [
  {
    noun: 'Channel',
    create: 'CreateChannel',
    plural: 'Channels',
    member: 'channel',
    listed: 'channels',
    updatable: true,
    coherent: coherentChannel,
  },
  {
    noun: 'PlaybackKeyPair',
    create: 'ImportPlaybackKeyPair',
    plural: 'PlaybackKeyPairs',
    member: 'keyPair',
    listed: 'keyPairs',
    updatable: false,
    coherent: (input) => ({ ...input, publicKeyMaterial: freshPublicKeyPem() }),
  },
  {
    noun: 'PlaybackRestrictionPolicy',
    create: 'CreatePlaybackRestrictionPolicy',
    plural: 'PlaybackRestrictionPolicies',
    member: 'playbackRestrictionPolicy',
    listed: 'playbackRestrictionPolicies',
    updatable: true,
    coherent: (input) => ({
      ...input,
      ...eachItem(input, 'allowedCountries', (index) => ['DE', 'US', 'JP', 'BR', 'ZA'][index]),
      ...eachItem(input, 'allowedOrigins', (index) => `https://*.example${index}.com:8443`),
    }),
  },
  {
    noun: 'RecordingConfiguration',
    create: 'CreateRecordingConfiguration',
    plural: 'RecordingConfigurations',
    member: 'recordingConfiguration',
    listed: 'recordingConfigurations',
    updatable: false,
    coherent: coherentRecording,
  },
  {
    noun: 'AdConfiguration',
    create: 'CreateAdConfiguration',
    plural: 'AdConfigurations',
    member: 'adConfiguration',
    listed: 'adConfigurations',
    updatable: true,
    coherent: (input) => ({
      ...input,
      ...eachItem(input, 'mediaTailorPlaybackConfigurations', (index) => ({
        playbackConfigurationArn: playbackConfigurationArn(`ads-${index}`),
      })),
    }),
  },
]

let api: ApiFixture
let arns: readonly string[] = []
beforeAll(async () => {
  const limits = Object.keys(DEFAULT_SERVICE_LIMITS).map((name) => [name, MANY] as const)
  api = await startApi({ ...Object.fromEntries(limits), streamKeysPerChannel: 1 })
  arns = await oneOfEach(api)
  await putPlaybackConfigurations(api, ['ads-0', 'ads-1', 'ads-2'])
})
afterAll(() => api[Symbol.asyncDispose]())

test.each(KINDS)('whatever a $noun is made of is shown again, listed, changed and gone', async (kind) => {
  const { noun, updatable, coherent } = kind
  const created = validInput(operation(kind.create), { arns }).map(coherent)
  const nothing = fc.constant<JsonMap>({})
  const changed = updatable ? validInput(operation(`Update${noun}`), { arns }).map(coherent) : nothing
  await fc.assert(
    fc.asyncProperty(created, changed, fc.integer({ min: 1, max: 3 }), async (input, change, maxResults) => {
      const made = await make(kind, input)
      const { arn } = made
      expect(await get(kind, arn)).toEqual(made)
      expect(await listed(kind, arn, maxResults)).toEqual([
        expect.objectContaining({ arn, name: made['name'] }),
      ])
      if (updatable) await changeAndCompare(kind, made, { ...change, arn })
      expect((await send(api, operation(`Delete${noun}`), { arn })).ok).toBe(true)
      expect((await send(api, operation(`Get${noun}`), { arn })).status).toBe(404)
      expect(await listed(kind, arn, maxResults)).toEqual([])
    }),
    { numRuns: SAMPLES },
  )
})

test('whatever a stream key is made of is shown again, listed and gone', async () => {
  const channelArn = await makeChannel(api)
  await fc.assert(
    fc.asyncProperty(validInput(operation('CreateStreamKey'), { arns: [channelArn] }), async (input) => {
      // The channel's own key, or that of a sample that failed: it must not make the next ones fail as well.
      await deleteKeysOf(channelArn)
      const { streamKey } = await answerOf<{ streamKey: Resource }>('CreateStreamKey', input)
      expect(streamKey).toMatchObject(asSent(input))
      const { arn } = streamKey
      expect((await answerOf<{ streamKey: Resource }>('GetStreamKey', { arn })).streamKey).toEqual(streamKey)
      const { streamKeys } = await answerOf<{ streamKeys: Resource[] }>('ListStreamKeys', { channelArn })
      expect(streamKeys).toEqual([{ arn, channelArn, tags: streamKey['tags'] }])
      expect((await send(api, operation('DeleteStreamKey'), { arn })).status).toBe(204)
      expect((await send(api, operation('GetStreamKey'), { arn })).status).toBe(404)
    }),
    { numRuns: SAMPLES },
  )
})

async function deleteKeysOf(channelArn: string): Promise<void> {
  const first = { after: undefined, limit: 1 }
  const { items } = await api.store.streamKeys.listByChannel(ACCOUNT_ID, channelArn, first)
  for (const { arn } of items) await api.store.streamKeys.delete(ACCOUNT_ID, arn)
}

type Resource = JsonMap & { readonly arn: string }

function operation(name: string): (typeof ivsOperations)[number] {
  const found = ivsOperations.find((candidate) => candidate.name === name)
  if (!found) throw new Error(`there is no operation ${name}`)
  return found
}

async function answerOf<Answer>(name: string, input: JsonMap): Promise<Answer> {
  const answer = await send(api, operation(name), input)
  const text = await answer.text()
  expect(answer.status, text).toBe(200)
  return JSON.parse(text) as Answer
}

async function make(kind: Kind, input: JsonMap): Promise<Resource> {
  const answer = await answerOf<Record<string, Resource>>(kind.create, input)
  const made = answer[kind.member] ?? { arn: '' }
  // The key itself is never shown.
  expect(made).toMatchObject(without(asSent(input), 'publicKeyMaterial'))
  return withoutState(made)
}

async function get(kind: Kind, arn: string): Promise<Resource> {
  const answer = await answerOf<Record<string, Resource>>(`Get${kind.noun}`, { arn })
  return withoutState(answer[kind.member] ?? { arn: '' })
}

async function changeAndCompare(kind: Kind, made: Resource, change: JsonMap): Promise<void> {
  const answer = await send(api, operation(`Update${kind.noun}`), change)
  const { message } = (await answer.json()) as { readonly message?: string }
  const after = await get(kind, made.arn)
  // What goes together by itself need not go together with what was there.
  if (answer.status === 400) {
    expect(message).toMatch(/^ValidationException: \S+ needs /)
    expect(after).toEqual(made)
    return
  }
  expect(answer.status).toBe(200)
  expect(after).toMatchObject(asSent(change))
  expect(after).toMatchObject({ arn: made.arn, ...('tags' in made && { tags: made['tags'] }) })
}

/** The resource as the list shows it: once or never. */
async function listed(kind: Kind, arn: string, maxResults: number): Promise<readonly Resource[]> {
  const found: Resource[] = []
  let nextToken: string | undefined
  do {
    const page = await answerOf<Record<string, unknown>>(`List${kind.plural}`, { maxResults, nextToken })
    found.push(...(page[kind.listed] as Resource[]).filter((item) => item.arn === arn))
    nextToken = page['nextToken'] as string | undefined
  } while (nextToken !== undefined)
  return found
}

function asSent(input: JsonMap): JsonMap {
  return JSON.parse(JSON.stringify(input)) as JsonMap
}

// It moves on by itself.
function withoutState(resource: Resource): Resource {
  return { ...without(resource, 'state'), arn: resource.arn }
}

function eachItem(input: JsonMap, member: string, item: (index: number) => unknown): JsonMap {
  const items = input[member]
  return Array.isArray(items) ? { [member]: items.map((_, index) => item(index)) } : {}
}

function coherentChannel(input: JsonMap): JsonMap {
  const { preset, ...members } = input
  const { multitrackInputConfiguration: multitrack } = members as { multitrackInputConfiguration?: JsonMap }
  if (multitrack?.['enabled'] === true) {
    return {
      ...members,
      type: 'STANDARD',
      containerFormat: 'FRAGMENTED_MP4',
      adConfigurationArn: '',
      multitrackInputConfiguration: { policy: 'REQUIRE', maximumResolution: 'HD', ...multitrack },
    }
  }
  const advanced = String(members['type']).startsWith('ADVANCED')
  const withAds = Boolean(members['adConfigurationArn'])
  return {
    ...members,
    ...(advanced && preset !== undefined && { preset }),
    ...(withAds && { containerFormat: 'TS' }),
  }
}

function coherentRecording(input: JsonMap): JsonMap {
  const { thumbnailConfiguration, renditionConfiguration, ...members } = input
  const thumbnails = thumbnailConfiguration as JsonMap | undefined
  const renditions = renditionConfiguration as { readonly renditions?: readonly string[] } | undefined
  const { targetIntervalSeconds, storage = [], ...others } = thumbnails ?? {}
  const isInterval = others['recordingMode'] !== 'DISABLED'
  return {
    ...members,
    ...(thumbnails && {
      thumbnailConfiguration: {
        ...others,
        ...(isInterval && targetIntervalSeconds !== undefined && { targetIntervalSeconds }),
        ...((storage as readonly string[]).length > 0 && { storage }),
      },
    }),
    ...(renditions?.renditions?.length && {
      renditionConfiguration: { renditionSelection: 'CUSTOM', renditions: renditions.renditions },
    }),
  }
}
