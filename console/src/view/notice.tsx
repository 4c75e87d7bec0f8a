/**
 * Says in the picture's place why there is no picture.
 */
import type { ReactElement, ReactNode } from 'react'

/** Words of a notice; `busy` while the page works on it by itself. */
export type NoticeProps = { readonly title: string; readonly busy?: boolean; readonly children?: ReactNode }

/** A message in the size and place of the picture, so that nothing moves when the picture comes. */
export function Notice({ title, busy = false, children }: NoticeProps): ReactElement {
  return (
    <div className="watch">
      <div className="stage">
        <div className="overlay" role="status">
          {busy && <span className="spinner" aria-hidden="true" />}
          <p className="overlay-title">{title}</p>
          {children !== undefined && <p className="overlay-detail">{children}</p>}
        </div>
      </div>
    </div>
  )
}
