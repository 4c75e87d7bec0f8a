/**
 * Inserts ad breaks, and lists what came of them.
 */
import { useState, type ReactElement } from 'react'
import type { AdLog } from '../ads/ad-log.ts'
import { refusalWords } from '../ads/insert-refusal.ts'
import type { ConsoleService } from '../service/console-service.ts'

/** What the card acts on and shows. */
export type AdCardProps = {
  readonly service: ConsoleService
  readonly channelArn: string
  /** Why no break can be inserted now. */
  readonly obstacle: string | undefined
  readonly log: AdLog
  /** Where the beacons of the demo's ads can be seen. */
  readonly adServerUrl: string | undefined
  readonly onInserted: (breakId: string, durationS: number) => void
}

const DURATIONS_S = [10, 20, 30, 60, 120]
const USUAL_DURATION_S = 30
const HINT = 'The break begins a few seconds later. Every viewer gets ads of their own.'

/** A card with a duration, a button and the last events. */
export function AdCard({
  service,
  channelArn,
  obstacle,
  log,
  adServerUrl,
  onInserted,
}: AdCardProps): ReactElement {
  const [durationS, setDurationS] = useState(USUAL_DURATION_S)
  const [isAsking, setIsAsking] = useState(false)
  // Of no interest any more when something has happened since.
  const [refused, setRefused] = useState<{ readonly why: string; readonly lines: AdLog['lines'] }>()
  const refusal = refused?.lines === log.lines ? refused.why : undefined
  const insert = (): void => {
    setIsAsking(true)
    setRefused(undefined)
    service
      .insertAdBreak(channelArn, durationS)
      .then(
        (breakId) => onInserted(breakId, durationS),
        (error: unknown) => setRefused({ why: refusalWords(error), lines: log.lines }),
      )
      .finally(() => setIsAsking(false))
  }
  return (
    <section className="card">
      <h3>Ads</h3>
      <div className="ad-form">
        <select
          aria-label="Length of the ad break"
          value={durationS}
          onChange={(event) => setDurationS(Number(event.target.value))}
        >
          {DURATIONS_S.map((seconds) => (
            <option key={seconds} value={seconds}>
              {seconds} s
            </option>
          ))}
        </select>
        <button
          type="button"
          className="primary"
          disabled={obstacle !== undefined || isAsking}
          onClick={insert}
        >
          Insert ad break
        </button>
      </div>
      <p className={refusal === undefined ? 'hint' : 'hint refusal'} role="status">
        {obstacle ?? refusal ?? HINT}
      </p>
      {adServerUrl !== undefined && (
        <p className="hint">
          <a href={adServerUrl} target="_blank" rel="noreferrer">
            What the demo’s ad server was told
          </a>
        </p>
      )}
      {log.lines.length > 0 && (
        <ol className="ad-log" aria-label="Ad events" aria-live="polite">
          {log.lines.map(({ id, atMs, text }) => (
            <li key={id}>
              <time dateTime={new Date(atMs).toISOString()}>{new Date(atMs).toLocaleTimeString()}</time>{' '}
              {text}
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}
