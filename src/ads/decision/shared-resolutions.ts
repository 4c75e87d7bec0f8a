/**
 * What answers come to that need no other document: the same for everybody who gets the same answer, so worked out once.
 */
import { AdResolver, type AdResolution } from '../../media/vast/ad-resolver.ts'
import type { AdResponse, VastDocument } from '../../media/vast/vast-document.ts'

/** Remembers as long as the answers are remembered. */
export class SharedResolutions {
  readonly #known = new WeakMap<AdResponse, AdResolution>()

  /** What `response` comes to; undefined when it sends on to others. */
  of(response: AdResponse): AdResolution | undefined {
    const known = this.#known.get(response)
    if (known) return known
    const document = documentOf(response)
    if (!document || document.ads.some(({ kind }) => kind === 'wrapper')) return undefined
    const resolution = resolve(response)
    this.#known.set(response, resolution)
    return resolution
  }
}

function documentOf(response: AdResponse): VastDocument | undefined {
  if (response.kind === 'vast') return response.document
  if (response.kind !== 'vmap' || response.adBreak?.source.kind !== 'vast') return undefined
  return response.adBreak.source.document
}

function resolve(response: AdResponse): AdResolution {
  // Only wrappers are looked up from where the answer came.
  const resolver = new AdResolver('')
  const request = resolver.next()
  if (request) resolver.accept(request, { kind: 'read', response })
  return resolver.finish()
}
