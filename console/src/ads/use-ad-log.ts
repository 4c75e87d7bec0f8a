/**
 * Keeps the list of ad events while a channel is shown.
 */
import { useCallback, useEffect, useReducer } from 'react'
import type { Measurements } from '../playback/engine.ts'
import { EMPTY_AD_LOG, nextAdLog, type AdLog } from './ad-log.ts'

/** The list, and how to note a break that was inserted here. */
export function useAdLog(measured: Measurements | undefined): {
  readonly log: AdLog
  readonly noteInserted: (breakId: string, durationS: number) => void
} {
  const [log, dispatch] = useReducer(nextAdLog, EMPTY_AD_LOG)
  // Also while the position stays the same: time alone tells that an announced break does not show.
  useEffect(() => dispatch({ kind: 'position', position: measured?.ad, atMs: Date.now() }), [measured])
  const noteInserted = useCallback((breakId: string, durationS: number) => {
    dispatch({ kind: 'inserted', breakId, durationS, atMs: Date.now() })
  }, [])
  return { log, noteInserted }
}
