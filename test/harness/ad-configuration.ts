/**
 * An ad configuration for tests that need one and ask no ad server, made through the public API.
 */
import { CreateAdConfigurationCommand } from '@aws-sdk/client-ivs'
import { MediaTailorClient, PutPlaybackConfigurationCommand } from '@aws-sdk/client-mediatailor'
import type { TestServer } from './test-server.ts'

/** Makes an ad configuration whose ad server is never there; the result is its ARN. */
export async function makeAdConfiguration(server: TestServer): Promise<string> {
  const mediaTailor = new MediaTailorClient({
    endpoint: server.url('api'),
    region: 'us-west-2',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
  const { PlaybackConfigurationArn: playbackConfigurationArn } = await mediaTailor.send(
    new PutPlaybackConfigurationCommand({
      Name: 'ads',
      AdDecisionServerUrl: 'http://ads.invalid/',
      VideoContentSourceUrl: server.url('console'),
      InsertionMode: 'PLAYER_SELECT',
    }),
  )
  mediaTailor.destroy()
  const { adConfiguration } = await server.client.send(
    new CreateAdConfigurationCommand({ mediaTailorPlaybackConfigurations: [{ playbackConfigurationArn }] }),
  )
  return adConfiguration?.arn ?? ''
}
