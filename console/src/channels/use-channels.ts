/**
 * Keeps the picker's list fresh and the wanted channel found, asking again when the server is away.
 */
import { useCallback, useEffect, useState } from 'react'
import type { ChannelChoice, ConsoleService } from '../service/console-service.ts'
import { classifyFailure } from '../service/failure.ts'
import { retryDelayMs } from '../retry-delay.ts'
import { wantedChannel } from './deep-link.ts'
import { findChannel, type ChannelSearch } from './find-channel.ts'

/** The server's channels, as far as they are known. */
export type ChannelList =
  | { readonly status: 'loading' }
  | { readonly status: 'listed'; readonly channels: readonly ChannelChoice[] }
  | { readonly status: 'unreachable' }
  | { readonly status: 'throttled' }
  | { readonly status: 'refused' }

/** The list, read anew when the page comes back to the front, and on a back-off while there is nothing to show. */
export function useChannelList(service: ConsoleService): {
  readonly list: ChannelList
  readonly refresh: () => void
} {
  const [list, setList] = useState<ChannelList>({ status: 'loading' })
  const [round, setRound] = useState(0)
  const refresh = useCallback(() => setRound((count) => count + 1), [])

  useEffect(() => {
    const stop = new AbortController()
    void readList(service, stop.signal).then((read) => {
      // A list that was read once stays: playback itself says when the server is away.
      if (!stop.signal.aborted)
        setList((known) => (read.status !== 'listed' && hasChannels(known) ? known : read))
    })
    return () => stop.abort()
  }, [service, round])

  useEffect(() => {
    if (list.status === 'loading' || hasChannels(list)) return
    const timer = setTimeout(refresh, retryDelayMs(round, Math.random()))
    return () => clearTimeout(timer)
  }, [list, round, refresh])

  useEffect(() => {
    window.addEventListener('focus', refresh)
    window.addEventListener('online', refresh)
    return () => {
      window.removeEventListener('focus', refresh)
      window.removeEventListener('online', refresh)
    }
  }, [refresh])
  return { list, refresh }
}

/** The channel that the address asks for; searched again while the server is away. */
export function useWantedChannel(
  service: ConsoleService,
  list: ChannelList,
  wanted: string | undefined,
): ChannelSearch {
  const [search, setSearch] = useState<ChannelSearch>({ status: 'searching' })
  const [attempt, setAttempt] = useState(0)
  const channels = list.status === 'listed' ? list.channels : undefined

  useEffect(() => {
    if (!channels || (channels.length === 0 && wanted === undefined)) return
    const stop = new AbortController()
    void findChannel(service, wanted, channels, stop.signal).then((result) => {
      if (!stop.signal.aborted) setSearch((known) => nextSearch(known, result, wanted))
    })
    return () => stop.abort()
  }, [service, channels, wanted, attempt])

  useEffect(() => {
    if (search.status !== 'unreachable' && search.status !== 'throttled') return
    const timer = setTimeout(() => setAttempt(attempt + 1), retryDelayMs(attempt, Math.random()))
    return () => clearTimeout(timer)
  }, [search, attempt])
  return search
}

/** What the page's address asks for, also after it changes, and how to change it without a new history entry. */
export function useWanted(): readonly [string | undefined, (hash: string) => void] {
  const [wanted, setWanted] = useState(() => wantedChannel(window.location.hash))
  useEffect(() => {
    const onChange = (): void => setWanted(wantedChannel(window.location.hash))
    window.addEventListener('hashchange', onChange)
    return () => window.removeEventListener('hashchange', onChange)
  }, [])
  const want = useCallback((hash: string) => {
    window.history.replaceState(null, '', hash)
    setWanted(wantedChannel(hash))
  }, [])
  return [wanted, want]
}

async function readList(service: ConsoleService, signal: AbortSignal): Promise<ChannelList> {
  try {
    return { status: 'listed', channels: await service.listChannels(signal) }
  } catch (error) {
    const failure = classifyFailure(error)
    return { status: failure === 'absent' ? 'unreachable' : failure }
  }
}

function hasChannels(list: ChannelList): boolean {
  return list.status === 'listed' && list.channels.length > 0
}

/** Keeps what is known where the new result says nothing new: a running player must not be restarted. */
function nextSearch(known: ChannelSearch, result: ChannelSearch, wanted: string | undefined): ChannelSearch {
  if (JSON.stringify(known) === JSON.stringify(result)) return known
  const failed = ['unreachable', 'throttled', 'refused'].includes(result.status)
  const keeps =
    failed && known.status === 'found' && (known.channel.arn === wanted || known.channel.name === wanted)
  return keeps ? known : result
}
