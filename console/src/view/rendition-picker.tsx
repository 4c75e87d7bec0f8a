/**
 * Chooses the rendition to watch.
 */
import { useState, type ReactElement } from 'react'
import type { Engine, RenditionChoice } from '../playback/engine.ts'

/** What the picker shows and acts on. */
export type RenditionPickerProps = {
  readonly renditions: readonly RenditionChoice[]
  readonly engine: Engine | undefined
}

const AUTO = 'auto'

/** A select over the renditions, with the player's own choice first; nothing while there is nothing to choose. */
export function RenditionPicker({ renditions, engine }: RenditionPickerProps): ReactElement | null {
  // A new player chooses by itself again, whatever was picked in the one before.
  const [picked, setPicked] = useState<{ readonly engine: Engine; readonly id: number }>()
  if (renditions.length < 2 || !engine) return null
  const pick = (value: string): void => {
    const id = value === AUTO ? undefined : Number(value)
    engine.pick(id)
    setPicked(id === undefined ? undefined : { engine, id })
  }
  return (
    <select
      className="rendition-picker"
      aria-label="Quality"
      title="Quality"
      value={picked?.engine === engine ? String(picked.id) : AUTO}
      onChange={(event) => pick(event.target.value)}
    >
      <option value={AUTO}>Auto</option>
      {renditions.map(({ id, label }) => (
        <option key={id} value={String(id)}>
          {label}
        </option>
      ))}
    </select>
  )
}
