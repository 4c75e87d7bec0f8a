/**
 * The few signs on buttons; the words beside them or their labels carry the meaning.
 */
import type { ReactElement, ReactNode } from 'react'

function Icon({ children }: { readonly children: ReactNode }): ReactElement {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      {children}
    </svg>
  )
}

/** Start. */
export function PlayIcon(): ReactElement {
  return (
    <Icon>
      <path className="solid" d="M8 5.5v13l10.5-6.5z" />
    </Icon>
  )
}

/** Hold. */
export function PauseIcon(): ReactElement {
  return (
    <Icon>
      <path d="M9 6v12M15 6v12" />
    </Icon>
  )
}

/** Sound is on. */
export function SoundIcon(): ReactElement {
  return (
    <Icon>
      <path className="solid" d="M4 9.5h3.5L12 6v12l-4.5-3.5H4z" />
      <path d="M15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11" />
    </Icon>
  )
}

/** Sound is off. */
export function MutedIcon(): ReactElement {
  return (
    <Icon>
      <path className="solid" d="M4 9.5h3.5L12 6v12l-4.5-3.5H4z" />
      <path d="m16 9.5 5 5m0-5-5 5" />
    </Icon>
  )
}

/** The whole screen. */
export function FullscreenIcon(): ReactElement {
  return (
    <Icon>
      <path d="M9 5H5v4M15 5h4v4M9 19H5v-4M15 19h4v-4" />
    </Icon>
  )
}

/** Copy. */
export function CopyIcon(): ReactElement {
  return (
    <Icon>
      <rect x="9" y="9" width="10" height="11" rx="2" />
      <path d="M15 6V5.5A1.5 1.5 0 0 0 13.5 4h-7A1.5 1.5 0 0 0 5 5.5V13a1.5 1.5 0 0 0 1.5 1.5" />
    </Icon>
  )
}

/** Done. */
export function CheckIcon(): ReactElement {
  return (
    <Icon>
      <path d="m5 12.5 4.5 4.5L19 7.5" />
    </Icon>
  )
}
