/**
 * A value with a button that copies it.
 */
import { useId, type ReactElement } from 'react'
import { CopyButton } from './copy-button.tsx'

/** A labelled value; `hint` stands under it. */
export type CopyFieldProps = { readonly label: string; readonly value: string; readonly hint?: string }

/** Shows `value` whole to the keyboard and the selection, on one line. */
export function CopyField({ label, value, hint }: CopyFieldProps): ReactElement {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="field-row">
        <input id={id} readOnly value={value} spellCheck={false} onFocus={(event) => event.target.select()} />
        <CopyButton what={label} text={() => Promise.resolve(value)} />
      </div>
      {hint !== undefined && <p className="hint">{hint}</p>}
    </div>
  )
}
