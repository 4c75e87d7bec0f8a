/**
 * Resources that channels may refer to, for tests of the stores.
 */
import { generateKeyPairSync } from 'node:crypto'
import { newAdConfiguration } from '../domain/ad-configuration.ts'
import type { AdConfiguration } from '../domain/ad-configuration.ts'
import { putPlaybackConfiguration } from '../domain/playback-configuration-rules.ts'
import type { PlaybackConfiguration } from '../domain/playback-configuration.ts'
import { newPlaybackKeyPair } from '../domain/playback-key-pair.ts'
import type { PlaybackKeyPair } from '../domain/playback-key-pair.ts'
import { newPlaybackRestrictionPolicy } from '../domain/playback-restriction-policy.ts'
import type { PlaybackRestrictionPolicy } from '../domain/playback-restriction-policy.ts'
import { newPrefetchSchedule } from '../domain/prefetch-schedule.ts'
import type { PrefetchRequest, PrefetchSchedule } from '../domain/prefetch-schedule.ts'
import { newRecordingConfiguration } from '../domain/recording-configuration.ts'
import type { RecordingConfiguration } from '../domain/recording-configuration.ts'
import type { Stores } from './sql-stores.ts'
import { ACCOUNT_ID } from './store-fixture.ts'

const PLENTY = 1000

/** Whose a fixture's resource is, and since when. */
export type FixtureBirth = { readonly accountId?: string; readonly nowMs?: number }

/** A playback key pair with a fresh key. */
export function someKeyPair(birth: FixtureBirth = {}): PlaybackKeyPair {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'secp384r1' })
  const publicKeyMaterial = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  return newPlaybackKeyPair(birthOf(birth), { publicKeyMaterial, name: 'key', tags: { a: '' } })
}

/** A playback restriction policy with every member set. */
export function somePolicy(birth: FixtureBirth = {}): PlaybackRestrictionPolicy {
  const settings = {
    name: 'policy',
    allowedCountries: ['DE', 'JP'],
    allowedOrigins: ['https://*.example.com'],
    enableStrictOriginEnforcement: true,
  }
  return newPlaybackRestrictionPolicy(birthOf(birth), settings, { a: '' })
}

/** A recording configuration with every member set. */
export function someRecordingConfiguration(birth: FixtureBirth = {}): RecordingConfiguration {
  return newRecordingConfiguration(birthOf(birth), {
    bucketName: 'some-bucket',
    name: 'recording',
    thumbnails: { targetIntervalSeconds: 5, resolution: 'HD', storage: ['LATEST'] },
    renditions: { renditionSelection: 'CUSTOM', renditions: ['SD'] },
    reconnectWindowSeconds: 30,
    tags: { a: '' },
  })
}

/** An ad configuration with every member set; the playback configurations must be there. */
export function someAdConfiguration(
  birth: FixtureBirth = {},
  playbackConfigurationArns: readonly string[] = [],
): AdConfiguration {
  const settings = {
    name: 'ads',
    playbackConfigurationArns,
    postRoll: { enabled: true, durationSeconds: 7 },
  }
  return newAdConfiguration(birthOf(birth), settings, { a: '' })
}

/** A playback configuration with some members set. */
export function somePlaybackConfiguration(name: string, birth: FixtureBirth = {}): PlaybackConfiguration {
  const document = {
    VideoContentSourceUrl: 'http://127.0.0.1/',
    AdDecisionServerUrl: 'http://127.0.0.1/ads',
    InsertionMode: 'PLAYER_SELECT',
  }
  return putPlaybackConfiguration(birthOf(birth), { name, document, tags: { a: '' } }, undefined)
}

/** A prefetch schedule for one break that ends at `endsAtMs`. */
export function somePrefetchSchedule(
  name: string,
  endsAtMs: number,
  birth: FixtureBirth &
    Partial<Pick<PrefetchRequest, 'configurationName' | 'scheduleType' | 'streamId'>> = {},
): PrefetchSchedule {
  const { configurationName = 'ads', scheduleType, streamId } = birth
  const window = { EndTime: endsAtMs / 1000 }
  const document =
    scheduleType === 'RECURRING'
      ? {
          RecurringPrefetchConfiguration: {
            ...window,
            RecurringConsumption: {},
            RecurringRetrieval: {},
          },
        }
      : { Retrieval: window, Consumption: window }
  return newPrefetchSchedule(birthOf(birth), {
    configurationName,
    name,
    scheduleType,
    streamId,
    document,
    tags: { a: '' },
  })
}

/** One of each type that a channel can refer to, stored; the result is what such a channel is made with. */
export async function addReferences(
  store: Stores,
  birth: FixtureBirth = {},
): Promise<{
  readonly recordingConfigurationArn: string
  readonly playbackRestrictionPolicyArn: string
  readonly adConfigurationArn: string
}> {
  const recording = someRecordingConfiguration(birth)
  const policy = somePolicy(birth)
  const ads = someAdConfiguration(birth)
  await store.recordingConfigurations.create(recording, PLENTY)
  await store.playbackRestrictionPolicies.create(policy, PLENTY)
  await store.adConfigurations.create(ads, PLENTY)
  return {
    recordingConfigurationArn: recording.arn,
    playbackRestrictionPolicyArn: policy.arn,
    adConfigurationArn: ads.arn,
  }
}

function birthOf({ accountId = ACCOUNT_ID, nowMs = 1 }: FixtureBirth) {
  return { region: 'us-west-2', accountId, nowMs }
}
