/**
 * For whom an answer is: it decides who may keep it and which pages may read it.
 */
import type { ViewerSession } from './viewer-session.ts'

/** A body's `Cache-Control`, by whether it goes to everyone or belongs to one viewing session. */
export type CacheControl = { readonly shared: string; readonly own: string }

/** Who gets an answer, and the headers that follow from it. */
export type Audience = {
  readonly cache: keyof CacheControl
  /** Request headers that the answer depends on beside those of its encoding. */
  readonly vary: 'Origin' | undefined
  /** Flat list of names and values. */
  readonly headers: readonly string[]
}

const EXPOSED = ['Access-Control-Expose-Headers', 'Content-Length,Content-Range,Date'] as const
const ANY_PAGE = ['Access-Control-Allow-Origin', '*', ...EXPOSED] as const
/** A page that opens such a URL by itself must not hand it to the next one it links to. */
const NO_REFERRER = ['Referrer-Policy', 'no-referrer'] as const

/** Any page may play, and any cache may keep it: what may be played is decided by tokens and policies. */
export const EVERYONE: Audience = { cache: 'shared', vary: undefined, headers: ANY_PAGE }

/** A viewer, on whatever page. */
const ONE_VIEWER: Audience = { cache: 'own', vary: undefined, headers: [...ANY_PAGE, ...NO_REFERRER] }

/**
 * The audience of an answer to `session`.
 *
 * @param origin of the request, which the session's rules allow.
 */
export function audienceOf(
  session: Pick<ViewerSession, 'strictOrigins'>,
  origin: string | undefined,
): Audience {
  if (!session.strictOrigins || origin === undefined) return ONE_VIEWER
  const headers = ['Access-Control-Allow-Origin', origin, ...EXPOSED, ...NO_REFERRER]
  return { cache: 'own', vary: 'Origin', headers }
}
