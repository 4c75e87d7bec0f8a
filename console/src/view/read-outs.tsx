/**
 * How the stream plays right now, in figures.
 */
import type { ReactElement } from 'react'
import { formatBitrate, formatFrameRate, formatLevel, formatPicture, formatSeconds } from '../format.ts'
import type { Measurements } from '../playback/engine.ts'

/** Figures of the running player, undefined while none runs, and what is wrong with the ladder, empty when nothing is. */
export type ReadOutsProps = {
  readonly measured: Measurements | undefined
  readonly lowLatency: boolean
  readonly warning: string
}

/** Four figures that keep their places while they change. Not announced: they change twice a second. */
export function ReadOuts({ measured, lowLatency, warning }: ReadOutsProps): ReactElement {
  const picture = measured ?? { width: 0, height: 0, frameRate: undefined }
  const pictureNotes = [formatFrameRate(picture.frameRate), formatLevel(measured?.level)]
  return (
    <>
      <dl className="read-outs">
        <ReadOut
          name="Live latency"
          value={formatSeconds(measured?.latencyS)}
          note={lowLatency ? 'low-latency mode' : 'normal mode'}
        />
        <ReadOut name="Buffer" value={formatSeconds(measured?.bufferedS)} note="loaded ahead" />
        <ReadOut
          name="Picture"
          value={formatPicture(picture)}
          note={pictureNotes.filter((note) => note !== '').join(' · ')}
        />
        <ReadOut name="Bitrate" value={formatBitrate(measured?.bitrateBps)} note="peak" />
      </dl>
      <p className="read-out-warning">{warning}</p>
    </>
  )
}

type ReadOutProps = { readonly name: string; readonly value: string; readonly note: string }

function ReadOut({ name, value, note }: ReadOutProps): ReactElement {
  return (
    <div className="read-out">
      <dt>{name}</dt>
      <dd data-read-out={name}>{value}</dd>
      <dd className="note">{note}</dd>
    </div>
  )
}
