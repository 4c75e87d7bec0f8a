/**
 * Resources made through the client, and ARNs of those that nobody made.
 */
import { generateKeyPairSync } from 'node:crypto'
import {
  CreateAdConfigurationCommand,
  CreateChannelCommand,
  CreatePlaybackRestrictionPolicyCommand,
  CreateRecordingConfigurationCommand,
  GetRecordingConfigurationCommand,
  ImportPlaybackKeyPairCommand,
} from '@aws-sdk/client-ivs'
import type { RecordingConfiguration } from '@aws-sdk/client-ivs'
import { setTimeout as delay } from 'node:timers/promises'
import type { ResourceType } from '../../src/domain/arn.ts'
import { putPlaybackConfiguration } from '../../src/domain/playback-configuration-rules.ts'
import { contentSourcePrefix } from '../../src/domain/playback-endpoints.ts'
import { ACCOUNT_ID, REGION } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'

const MANY = 1000

/** ARN of a resource that nobody made. */
export function missingArn(resourceType: ResourceType): string {
  return `arn:aws:ivs:${REGION}:${ACCOUNT_ID}:${resourceType}/abcdABCDefgh`
}

/** Puts playback configurations that channels can use into the fixture's account, or another one. */
export async function putPlaybackConfigurations(
  { store, clock, identity }: Pick<ApiFixture, 'store' | 'clock' | 'identity'>,
  names: readonly string[],
  accountId: string = ACCOUNT_ID,
): Promise<void> {
  const document = {
    VideoContentSourceUrl: contentSourcePrefix(identity),
    AdDecisionServerUrl: 'https://ads.example.com/vast',
    InsertionMode: 'PLAYER_SELECT',
  }
  const birth = { region: REGION, accountId, nowMs: clock.nowMs() }
  for (const name of names) {
    const put = { name, document, tags: undefined }
    await store.playbackConfigurations.put(
      accountId,
      name,
      (stored) => putPlaybackConfiguration(birth, put, stored),
      MANY,
    )
  }
}

/** ARN of a MediaTailor playback configuration of the fixture's account, or another one. */
export function playbackConfigurationArn(name: string, accountId: string = ACCOUNT_ID): string {
  return `arn:aws:mediatailor:${REGION}:${accountId}:playbackConfiguration/${name}`
}

/** PEM of a new public key, by default on the curve that playback keys must have. */
export function freshPublicKeyPem(namedCurve = 'secp384r1'): string {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve })
  return publicKey.export({ type: 'spki', format: 'pem' }).toString()
}

/** Makes a channel; the result is its ARN, as with the others below. */
export async function makeChannel(api: ApiFixture, input: object = {}): Promise<string> {
  const { channel } = await api.client.send(new CreateChannelCommand(input))
  return channel?.arn ?? ''
}

/** Imports a fresh playback key. */
export async function makeKeyPair(api: ApiFixture, name = ''): Promise<string> {
  const input = { publicKeyMaterial: freshPublicKeyPem(), name }
  const { keyPair } = await api.client.send(new ImportPlaybackKeyPairCommand(input))
  return keyPair?.arn ?? ''
}

/** Makes a policy without restrictions. */
export async function makePolicy(api: ApiFixture, name = ''): Promise<string> {
  const answer = await api.client.send(new CreatePlaybackRestrictionPolicyCommand({ name }))
  return answer.playbackRestrictionPolicy?.arn ?? ''
}

/** Makes a recording configuration, which is still being created. */
export async function makeRecordingConfiguration(api: ApiFixture, name = ''): Promise<string> {
  const destinationConfiguration = { s3: { bucketName: 'some-bucket' } }
  const answer = await api.client.send(
    new CreateRecordingConfigurationCommand({ name, destinationConfiguration }),
  )
  return answer.recordingConfiguration?.arn ?? ''
}

/** Makes an ad configuration, and the playback configuration `ads` for it. */
export async function makeAdConfiguration(api: ApiFixture, name = ''): Promise<string> {
  await putPlaybackConfigurations(api, ['ads'])
  const mediaTailorPlaybackConfigurations = [{ playbackConfigurationArn: playbackConfigurationArn('ads') }]
  const answer = await api.client.send(
    new CreateAdConfigurationCommand({ name, mediaTailorPlaybackConfigurations }),
  )
  return answer.adConfiguration?.arn ?? ''
}

const MAX_LOOKS = 500
const LOOK_AGAIN_MS = 10

/** Asks until the recording configuration is not being created any more, as clients do. */
export async function untilCreated(api: ApiFixture, arn: string): Promise<RecordingConfiguration> {
  for (let look = 0; look < MAX_LOOKS; look++) {
    const { recordingConfiguration } = await api.client.send(new GetRecordingConfigurationCommand({ arn }))
    if (recordingConfiguration && recordingConfiguration.state !== 'CREATING') return recordingConfiguration
    await delay(LOOK_AGAIN_MS)
  }
  throw new Error('the recording configuration is still being created')
}
