/**
 * A value with a button that copies it.
 */
import { useId, type ReactElement } from 'react'
import { CopyButton } from './copy-button.tsx'

/** A labelled value. */
export type CopyFieldProps = { readonly label: string; readonly value: string }

/** Shows `value` on one line, whole to the keyboard and the selection. */
export function CopyField({ label, value }: CopyFieldProps): ReactElement {
  const id = useId()
  return (
    <div className="field">
      <div className="field-head">
        <label htmlFor={id}>{label}</label>
        <CopyButton what={label} text={() => Promise.resolve(value)} />
      </div>
      <input id={id} readOnly value={value} spellCheck={false} onFocus={(event) => event.target.select()} />
    </div>
  )
}

/** Shows a command over as many lines as it needs. */
export function CopyCommand({ label, value }: CopyFieldProps): ReactElement {
  return (
    <div className="field">
      <div className="field-head">
        <span className="field-label">{label}</span>
        <CopyButton what={label} text={() => Promise.resolve(value)} />
      </div>
      <pre className="command">
        <code>{value}</code>
      </pre>
    </div>
  )
}
