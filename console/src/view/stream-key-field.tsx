/**
 * The channel's stream key: fetched only when it is asked for, shown only on demand.
 */
import { useId, useState, type ReactElement } from 'react'
import type { ConsoleService } from '../service/console-service.ts'
import { CopyButton } from './copy-button.tsx'

const MASK = '••••••••••••••••••••••••'

/** Whose key, and where it comes from. */
export type StreamKeyFieldProps = { readonly service: ConsoleService; readonly channelArn: string }

type Shown =
  | { readonly kind: 'masked' }
  | { readonly kind: 'revealed'; readonly value: string }
  | { readonly kind: 'failed'; readonly why: string }

/** A masked secret with buttons to show and to copy it. */
export function StreamKeyField({ service, channelArn }: StreamKeyFieldProps): ReactElement {
  const [shown, setShown] = useState<Shown>({ kind: 'masked' })
  const id = useId()
  const isRevealed = shown.kind === 'revealed'
  const fetchKey = async (): Promise<string> => {
    const value = await service.getStreamKey(channelArn).catch(() => {
      setShown({ kind: 'failed', why: 'The server did not give the key.' })
      throw new Error('the server did not give the stream key')
    })
    if (value !== undefined) return value
    setShown({ kind: 'failed', why: 'This channel has no stream key.' })
    throw new Error('the channel has no stream key')
  }
  const reveal = (): void => {
    fetchKey().then(
      (value) => setShown({ kind: 'revealed', value }),
      // Said by the state that fetchKey set.
      () => undefined,
    )
  }

  return (
    <div className="field">
      <div className="field-head">
        <label htmlFor={id}>Stream key</label>
        <button
          type="button"
          className="small-button"
          aria-label={isRevealed ? 'Hide stream key' : 'Show stream key'}
          onClick={() => (isRevealed ? setShown({ kind: 'masked' }) : reveal())}
        >
          {isRevealed ? 'Hide' : 'Show'}
        </button>
        <CopyButton what="Stream key" text={fetchKey} />
      </div>
      <input
        id={id}
        readOnly
        value={shown.kind === 'revealed' ? shown.value : MASK}
        aria-label={isRevealed ? 'Stream key' : 'Stream key, hidden'}
        autoComplete="off"
        spellCheck={false}
        onFocus={(event) => event.target.select()}
      />
      <p className="hint" role="status">
        {shown.kind === 'failed' ? shown.why : 'Secret: whoever has it can publish here.'}
      </p>
    </div>
  )
}
