/**
 * The page: a channel picker, the picture, and the addresses to publish and watch.
 */
import { useEffect, useState, type ReactElement } from 'react'
import { hashFor } from './channels/deep-link.ts'
import type { ChannelSearch } from './channels/find-channel.ts'
import { useChannelList, useWanted, useWantedChannel, type ChannelList } from './channels/use-channels.ts'
import type { ChannelChoice, ConsoleService } from './service/console-service.ts'
import { NO_SERVER_FACTS, fetchServerFacts, type ServerFacts } from './service/server-facts.ts'
import { ChannelPicker } from './view/channel-picker.tsx'
import { Notice } from './view/notice.tsx'
import { NoChannels } from './view/no-channels.tsx'
import { WatchView } from './view/watch-view.tsx'
import { Wordmark } from './view/wordmark.tsx'

/** What the page needs to work. */
export type AppProps = {
  readonly service: ConsoleService
  /** The folder that the page was served from. */
  readonly baseUrl: URL
}

/** The whole page. */
export function App({ service, baseUrl }: AppProps): ReactElement {
  const [wanted, want] = useWanted()
  const { list, refresh } = useChannelList(service)
  const search = useWantedChannel(service, list, wanted)
  const facts = useServerFacts(baseUrl)
  const channels = list.status === 'listed' ? list.channels : []
  const current = search.status === 'found' ? search.channel : undefined

  // From now on the address names what is shown, so that a channel made later does not take its place.
  useEffect(() => {
    if (wanted === undefined && current) want(hashFor(current, channels))
  })

  return (
    <div className="page">
      <header className="top">
        <Wordmark />
        {channels.length > 0 && (
          <ChannelPicker
            channels={channels}
            current={current}
            onOpen={refresh}
            onPick={(channel: ChannelChoice) => want(hashFor(channel, channels))}
          />
        )}
      </header>
      <main>
        {current ? (
          <WatchView key={current.arn} service={service} channel={current} facts={facts} />
        ) : (
          <NothingToWatch list={list} search={search} baseUrl={baseUrl} wanted={wanted} />
        )}
      </main>
      <footer className="bottom">
        Headwater{facts.version === undefined ? '' : ` ${facts.version}`} · low-latency live video,
        self-hosted
      </footer>
    </div>
  )
}

type NothingToWatchProps = {
  readonly list: ChannelList
  readonly search: ChannelSearch
  readonly baseUrl: URL
  readonly wanted: string | undefined
}

function NothingToWatch({ list, search, baseUrl, wanted }: NothingToWatchProps): ReactElement {
  if (list.status === 'refused' || search.status === 'refused') {
    return (
      <Notice title="This server wants access keys">
        Its API refused this page, which has no keys of its own.
      </Notice>
    )
  }
  if (list.status === 'unreachable' || search.status === 'unreachable') {
    return (
      <Notice title="No connection to the server" busy>
        The server does not answer. Trying again until it does.
      </Notice>
    )
  }
  if (list.status === 'throttled' || search.status === 'throttled') {
    return (
      <Notice title="Too many API calls" busy>
        The server answers again in a moment. Trying again.
      </Notice>
    )
  }
  if (list.status === 'listed' && list.channels.length === 0 && wanted === undefined) {
    return <NoChannels baseUrl={baseUrl} />
  }
  if (search.status === 'missing') {
    return (
      <Notice title="No such channel">
        This server has no channel “{search.wanted}”. Pick another one above, or check the link.
      </Notice>
    )
  }
  return <Notice title="Looking for channels…" busy />
}

function useServerFacts(baseUrl: URL): ServerFacts {
  const [facts, setFacts] = useState(NO_SERVER_FACTS)
  useEffect(() => {
    const stop = new AbortController()
    void fetchServerFacts(baseUrl, stop.signal).then((fetched) => {
      if (!stop.signal.aborted) setFacts(fetched)
    })
    return () => stop.abort()
  }, [baseUrl])
  return facts
}
