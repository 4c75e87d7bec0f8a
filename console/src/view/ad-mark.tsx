/**
 * The mark over the picture while an ad plays.
 */
import type { ReactElement } from 'react'
import type { AdPosition } from '../ads/ad-position.ts'
import { adLabel } from '../ads/ad-words.ts'

/** Not announced: it counts down. The list of events says when a break begins and ends. */
export function AdMark({ position }: { readonly position: AdPosition }): ReactElement {
  return (
    <p className="ad-mark" data-ad-mark>
      {adLabel(position)}
      {position.title !== '' && <span className="ad-title"> {position.title}</span>}
    </p>
  )
}
