/**
 * Copies a text and says whether that worked.
 */
import { useEffect, useState, type ReactElement } from 'react'
import { copyText } from './clipboard.ts'
import { CheckIcon, CopyIcon } from './icons.tsx'

/** `what` names the text for those who do not see the field beside the button. */
export type CopyButtonProps = { readonly what: string; readonly text: () => Promise<string> }

const SHOWN_MS = 2000

/** A button of fixed width: its words change, its neighbours stay. */
export function CopyButton({ what, text }: CopyButtonProps): ReactElement {
  const [outcome, setOutcome] = useState<'copied' | 'failed'>()
  useEffect(() => {
    if (outcome === undefined) return
    const timer = setTimeout(() => setOutcome(undefined), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [outcome])

  return (
    <button
      type="button"
      className="small-button copy"
      aria-label={`Copy ${what}`}
      onClick={() => void copyText(text()).then((copied) => setOutcome(copied ? 'copied' : 'failed'))}
    >
      {outcome === 'copied' ? <CheckIcon /> : <CopyIcon />}
      <span aria-live="polite">
        {outcome === undefined ? 'Copy' : outcome === 'copied' ? 'Copied' : 'Failed'}
      </span>
    </button>
  )
}
