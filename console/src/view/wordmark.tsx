/**
 * The project's sign and name.
 */
import type { ReactElement } from 'react'

/** Sign and name, as the page's heading. */
export function Wordmark(): ReactElement {
  return (
    <h1 className="wordmark">
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="8" />
        <path d="M6 11.5c3.3-3 6.7-3 10 0s6.7 3 10 0" />
        <path d="M6 17c3.3-3 6.7-3 10 0s6.7 3 10 0" opacity=".75" />
        <path d="M6 22.5c3.3-3 6.7-3 10 0s6.7 3 10 0" opacity=".5" />
      </svg>
      Headwater
    </h1>
  )
}
