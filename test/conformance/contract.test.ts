import { existsSync, readFileSync } from 'node:fs'
import * as sdk from '@aws-sdk/client-ivs'
import { describe, expect, test } from 'vitest'
import { newChannel } from '../../src/domain/channel-rules.ts'
import { newRecordingConfiguration } from '../../src/domain/recording-configuration.ts'
import { newStreamKey } from '../../src/domain/stream-key-rules.ts'
import { toAdConfigurationShape } from '../../src/api/ivs/ad-configuration-shape.ts'
import { toChannelShape, toChannelSummary } from '../../src/api/ivs/channel-shape.ts'
import { ivsOperations } from '../../src/api/ivs/ivs-operations.ts'
import {
  toPlaybackKeyPairShape,
  toPlaybackKeyPairSummary,
} from '../../src/api/ivs/playback-key-pair-shape.ts'
import { toPlaybackRestrictionPolicyShape } from '../../src/api/ivs/playback-restriction-policy-shape.ts'
import {
  toRecordingConfigurationShape,
  toRecordingConfigurationSummary,
} from '../../src/api/ivs/recording-configuration-shape.ts'
import {
  toIngestShapes,
  toStreamEventShape,
  toStreamSessionShape,
  toStreamSessionSummary,
} from '../../src/api/ivs/stream-session-shape.ts'
import { toStreamShape, toStreamSummary } from '../../src/api/ivs/stream-shape.ts'
import { toStreamKeyShape, toStreamKeySummary } from '../../src/api/ivs/stream-key-shape.ts'
import {
  someAdConfiguration,
  someKeyPair,
  somePolicy,
  someRecordingConfiguration,
} from '../../src/store/resource-fixture.ts'

// The SDK carries the contract as tuples: [9, namespace, name, traits, input, output] for an operation,
// [3, namespace, name, traits, members, types] for a structure.
const OPERATION = 9
const STRUCTURE = 3
const schemas = Object.entries(sdk)
  .filter(([name, value]) => name.endsWith('$') && Array.isArray(value))
  .map(
    ([, value]) =>
      value as unknown as readonly [number, string, string, { http?: unknown }, readonly string[]],
  )

function membersOf(structure: string): string[] {
  const [, , , , members] = schemas.find(([kind, , name]) => kind === STRUCTURE && name === structure) ?? []
  if (!members) throw new Error(`the SDK has no structure ${structure}`)
  return [...members].sort()
}

const contractOperations = schemas.filter(([kind]) => kind === OPERATION)
const parity = readFileSync(new URL('../../docs/reference/parity.md', import.meta.url), 'utf8')
const fileName = (operation: string) => operation.charAt(0).toLowerCase() + operation.slice(1)

describe.each(ivsOperations.map((operation) => [operation.name, operation] as const))(
  '%s',
  (name, operation) => {
    test('has the method, path and status of the contract', () => {
      const [, , , traits] = contractOperations.find(([, , contractName]) => contractName === name) ?? []
      expect(traits?.http).toEqual([operation.method, operation.path, operation.status])
    })

    test('takes exactly the members of the contract', () => {
      const { properties } = operation.input as { properties?: object }
      expect(Object.keys(properties ?? {}).sort()).toEqual(membersOf(`${name}Request`))
    })

    test('has its file, its test and its section in the parity table', () => {
      expect(existsSync(new URL(`../../src/api/ivs/${fileName(name)}.ts`, import.meta.url))).toBe(true)
      expect(existsSync(new URL(`./${fileName(name)}.test.ts`, import.meta.url))).toBe(true)
      expect(parity).toContain(`\n### ${name}\n`)
    })
  },
)

test('the parity table names every operation of the contract, and says which are not built yet', () => {
  const built = new Set(ivsOperations.map(({ name }) => name))
  const open = contractOperations.map(([, , name]) => name).filter((name) => !built.has(name))
  expect(contractOperations).toHaveLength(41)
  expect([...parity.matchAll(/^- `(\w+)`$/gm)].map(([, name]) => name).sort()).toEqual(open.sort())
})

describe('answers show exactly the members of the contract', () => {
  const birth = { region: 'us-west-2', accountId: '123456789012', nowMs: 0 }
  const identity = { ...birth, publicUrl: 'http://x', ingestHost: 'x' }
  const channel = newChannel(birth, {})
  const streamKey = newStreamKey(birth, channel.arn)
  const stream = {
    channelArn: channel.arn,
    accountId: channel.accountId,
    streamId: 'st-',
    startTimeMs: 0,
    health: 'HEALTHY' as const,
    viewerCount: 0,
  }
  const event = { number: 1, name: 'n', type: 't', timeMs: 0, code: 'c' }
  const session = {
    streamId: 'st-',
    channel,
    recordingConfiguration: newRecordingConfiguration(birth, { bucketName: 'bucket' }),
    ingest: {
      videos: [
        { codec: '', profile: '', level: '', width: 1, height: 1, frameRate: 1, bitrateBps: 1, encoder: '' },
      ],
      audios: [{ codec: '', channels: 1, sampleRate: 1, bitrateBps: 1 }],
    },
    createdAtMs: 0,
    startTimeMs: 1,
    endTimeMs: 2,
    hasErrorEvent: false,
  }
  const { ingestConfiguration, ingestConfigurations } = toIngestShapes(session.ingest)

  const recording = toRecordingConfigurationShape(someRecordingConfiguration())
  const ads = toAdConfigurationShape(someAdConfiguration({}, ['arn']))

  test.each([
    ['Channel', toChannelShape(identity, channel)],
    ['ChannelSummary', toChannelSummary(channel)],
    ['MultitrackInputConfiguration', toChannelShape(identity, channel).multitrackInputConfiguration],
    ['Srt', toChannelShape(identity, channel).srt],
    ['StreamKey', toStreamKeyShape(streamKey)],
    ['StreamKeySummary', toStreamKeySummary(streamKey)],
    ['Stream', toStreamShape(identity, stream)],
    ['StreamSummary', toStreamSummary(stream)],
    ['PlaybackKeyPair', toPlaybackKeyPairShape(someKeyPair())],
    ['PlaybackKeyPairSummary', toPlaybackKeyPairSummary(someKeyPair())],
    ['PlaybackRestrictionPolicy', toPlaybackRestrictionPolicyShape(somePolicy())],
    ['PlaybackRestrictionPolicySummary', toPlaybackRestrictionPolicyShape(somePolicy())],
    ['RecordingConfiguration', recording],
    ['RecordingConfigurationSummary', toRecordingConfigurationSummary(someRecordingConfiguration())],
    ['DestinationConfiguration', recording.destinationConfiguration],
    ['S3DestinationConfiguration', recording.destinationConfiguration.s3],
    ['ThumbnailConfiguration', recording.thumbnailConfiguration],
    ['RenditionConfiguration', recording.renditionConfiguration],
    ['AdConfiguration', ads],
    ['AdConfigurationSummary', ads],
    ['MediaTailorPlaybackConfiguration', ads.mediaTailorPlaybackConfigurations[0] ?? {}],
    ['PostRollConfiguration', ads.postRollConfiguration],
    ['StreamSession', toStreamSessionShape(identity, session, [event])],
    ['StreamSessionSummary', toStreamSessionSummary(session)],
    ['StreamEvent', toStreamEventShape(event)],
    ['IngestConfiguration', ingestConfiguration ?? {}],
    ['IngestConfigurations', ingestConfigurations ?? {}],
    ['VideoConfiguration', ingestConfiguration?.video ?? {}],
    ['AudioConfiguration', ingestConfiguration?.audio ?? {}],
  ])('%s', (structure, shown) => {
    expect(Object.keys(shown).sort()).toEqual(membersOf(structure))
  })
})
