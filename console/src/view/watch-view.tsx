/**
 * One channel: its picture, how it plays, its addresses, and what happens to it.
 */
import { useEffect, useRef, type ReactElement } from 'react'
import { insertObstacle } from '../ads/ad-words.ts'
import { useAdLog } from '../ads/use-ad-log.ts'
import { channelLabel } from '../channels/deep-link.ts'
import { useStreamEvents } from '../events/use-stream-events.ts'
import { useLadderFacts } from '../playback/use-ladder-facts.ts'
import { useMeasurements } from '../playback/use-measurements.ts'
import type { PlaybackState } from '../playback/playback-state.ts'
import { stageMessage } from '../playback/stage-message.ts'
import { usePlayback } from '../playback/use-playback.ts'
import type { ConsoleService, WatchedChannel } from '../service/console-service.ts'
import { ladderWarning } from '../service/ladder-facts.ts'
import type { ServerFacts } from '../service/server-facts.ts'
import { AdCard } from './ad-card.tsx'
import { Addresses } from './addresses.tsx'
import { EventCard } from './event-card.tsx'
import { ReadOuts } from './read-outs.tsx'
import { Stage } from './stage.tsx'
import { StateBadge, stateWord } from './state-badge.tsx'

/** What a channel's view needs. */
export type WatchViewProps = {
  readonly service: ConsoleService
  readonly channel: WatchedChannel
  readonly facts: ServerFacts
}

/** Everything about one channel; made anew for each. */
export function WatchView({ service, channel, facts }: WatchViewProps): ReactElement {
  const playback = usePlayback(service, channel)
  const measured = useMeasurements(playback.engine)
  const ladder = useLadderFacts(channel, playback.state.phase === 'playing')
  const { log, noteInserted } = useAdLog(measured)
  const { events, feed } = useStreamEvents(service, channel.arn)
  const label = channelLabel(channel)
  useTitle(label, playback.state.phase === 'playing')
  const ads = (
    <AdCard
      service={service}
      channelArn={channel.arn}
      obstacle={insertObstacle(channel.hasAdConfiguration, playback.state)}
      log={log}
      adServerUrl={channel.hasAdConfiguration ? facts.adServerUrl : undefined}
      onInserted={noteInserted}
    />
  )

  return (
    <div className="watch">
      <section className="picture" aria-label="Player">
        <Stage channel={channel} playback={playback} measured={measured} />
        <div className="heading">
          <h2>{label}</h2>
          <StateBadge state={playback.state} />
          <p className="visually-hidden" role="status">
            {announcement(playback.state, channel.isPrivate)}
          </p>
        </div>
        <ReadOuts measured={measured} lowLatency={channel.lowLatency} warning={ladderWarning(ladder)} />
      </section>
      <aside className="side">
        {channel.hasAdConfiguration && ads}
        <Addresses service={service} channel={channel} facts={facts} />
        {!channel.hasAdConfiguration && ads}
      </aside>
      <EventCard events={events} feed={feed} />
    </div>
  )
}

/** What screen readers are told. Its element is always there: a live region that comes with its text stays silent. */
function announcement(state: PlaybackState, isPrivate: boolean): string {
  const message = stageMessage(state, isPrivate)
  return message ? `${message.title} ${message.detail}`.trim() : stateWord(state)
}

function useTitle(label: string, isPlaying: boolean): void {
  const original = useRef(document.title)
  useEffect(() => {
    const before = original.current
    document.title = `${isPlaying ? '● ' : ''}${label} · Headwater`
    return () => {
      document.title = before
    }
  }, [label, isPlaying])
}
