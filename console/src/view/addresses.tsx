/**
 * Where to publish to a channel and where to watch it.
 */
import type { ReactElement } from 'react'
import type { ConsoleService, WatchedChannel } from '../service/console-service.ts'
import type { ServerFacts } from '../service/server-facts.ts'
import { CopyField } from './copy-field.tsx'
import { StreamKeyField } from './stream-key-field.tsx'

/** What the cards show. */
export type AddressesProps = {
  readonly service: ConsoleService
  readonly channel: WatchedChannel
  readonly facts: ServerFacts
}

/** Two cards: one for the encoder, one for players. */
export function Addresses({ service, channel, facts }: AddressesProps): ReactElement {
  return (
    <section className="addresses" aria-label="Addresses">
      <section className="card">
        <h3>Publish</h3>
        {facts.rtmpUrl !== undefined && <CopyField label="RTMP server" value={facts.rtmpUrl} />}
        {facts.rtmpsUrl !== undefined && <CopyField label="RTMPS server" value={facts.rtmpsUrl} />}
        <StreamKeyField service={service} channelArn={channel.arn} />
        <p className="hint">In OBS: Settings, Stream, Custom. With ffmpeg: server, a slash, then the key.</p>
      </section>
      <section className="card">
        <h3>Watch</h3>
        <CopyField label="Playback URL" value={channel.playbackUrl} />
        <p className="hint">
          {channel.isPrivate
            ? 'Private: players must add a playback token.'
            : 'Plays in any HLS player while the channel is live.'}
        </p>
      </section>
    </section>
  )
}
