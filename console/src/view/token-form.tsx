/**
 * Takes a playback token for a private channel. It stays in this page's memory.
 */
import { useId, useState, type ReactElement } from 'react'

/** A field and a button; empty input is not sent. */
export function TokenForm({ onToken }: { readonly onToken: (token: string) => void }): ReactElement {
  const [token, setToken] = useState('')
  const id = useId()
  return (
    <form
      className="token-form"
      onSubmit={(event) => {
        event.preventDefault()
        if (token.trim() !== '') onToken(token.trim())
      }}
    >
      <label className="visually-hidden" htmlFor={id}>
        Playback token
      </label>
      <input
        id={id}
        value={token}
        placeholder="Playback token"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        onChange={(event) => setToken(event.target.value)}
      />
      <button type="submit" className="primary">
        Watch
      </button>
    </form>
  )
}
