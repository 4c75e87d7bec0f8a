/**
 * Everything that requests could have changed.
 */
import { ACCOUNT_ID } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import {
  makeAdConfiguration,
  makeChannel,
  makeKeyPair,
  makePolicy,
  makeRecordingConfiguration,
  untilCreated,
} from './resource-makers.ts'

const PAGE = { after: undefined, limit: 100 }

/** One resource of each type, at rest; the result is their ARNs, the live channel's first. */
export async function oneOfEach(api: ApiFixture): Promise<readonly string[]> {
  const recording = await makeRecordingConfiguration(api, 'kept')
  await untilCreated(api, recording)
  const policy = await makePolicy(api, 'kept')
  const ads = await makeAdConfiguration(api, 'kept')
  const channel = await makeChannel(api, { name: 'kept', tags: { kept: 'yes' } })
  const { items } = await api.store.streamKeys.listByChannel(ACCOUNT_ID, channel, PAGE)
  const keys = items.map(({ arn }) => arn)
  return [channel, ...keys, await makeKeyPair(api, 'kept'), policy, recording, ads]
}

/** All resources of the fixture's account, and what was asked of live streams. */
export async function storedState({ store, metadata, stopped }: ApiFixture): Promise<unknown> {
  const { items } = await store.channels.list(ACCOUNT_ID, {}, PAGE)
  const channels = await store.channels.getMany(
    ACCOUNT_ID,
    items.map(({ arn }) => arn),
  )
  return {
    channels,
    streamKeys: await Promise.all(
      channels.map(({ arn }) => store.streamKeys.listByChannel(ACCOUNT_ID, arn, PAGE)),
    ),
    playbackKeyPairs: await store.playbackKeyPairs.list(ACCOUNT_ID, PAGE),
    playbackRestrictionPolicies: await store.playbackRestrictionPolicies.list(ACCOUNT_ID, PAGE),
    recordingConfigurations: await store.recordingConfigurations.list(ACCOUNT_ID, PAGE),
    adConfigurations: await store.adConfigurations.list(ACCOUNT_ID, PAGE),
    playbackConfigurations: await store.playbackConfigurations.list(ACCOUNT_ID, PAGE),
    prefetchSchedules: await store.prefetchSchedules.list(ACCOUNT_ID, 'ads', { endedSinceMs: 0 }, PAGE),
    revocations: await store.revocations.listSince(0, PAGE),
    metadata: [...metadata],
    stopped: [...stopped],
  }
}
