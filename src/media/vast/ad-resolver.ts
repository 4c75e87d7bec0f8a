/**
 * Follows an ad response through its wrappers, without fetching anything itself.
 *
 * The caller takes requests with `next`, as many at a time as it wants to have under way, and brings each answer with
 * `accept`, in any order. `finish` gives what came of it, at the end or when there is no more time. HTTP redirects are the
 * fetcher's.
 *
 * Every failure is told once, to those who are on its way: the wrappers above it and the ad itself.
 *
 * Spec: VAST 4.3 §2.3.4 and §3.19 (wrappers), §2.3.6 (errors); VMAP 1.0.1 §2.3; reference ssai §3.4, §4.1, §4.4.
 */
import { readAdResponse } from './ad-response.ts'
import { AdTree } from './ad-tree.ts'
import type { AdPlace } from './ad-tree.ts'
import type { AdSlot } from './ad-slot.ts'
import { fillMacros } from './macros.ts'
import type { TrackingEvent } from './resolved-ad.ts'
import type { AdFault, AdResponse, VastAd, VastDocument, VmapBreak, WrapperAd } from './vast-document.ts'
import { VAST_ERROR } from './vast-error.ts'
import type { VastErrorCode } from './vast-error.ts'

/** Documents behind the first one on the way to an ad. */
export const MAX_HOPS = 7
/** Documents that are asked for, all ways together. */
export const MAX_DOCUMENTS = 40
const MAX_ERROR_BEACONS = 100

/** A document to be fetched. It is its own name: answers are given for it, not for its URL. */
export type AdRequest = {
  /** Absolute; macros in it are still to be filled. */
  readonly url: string
  /** 0 for the ad request itself. */
  readonly hop: number
}

/** What came of a request. */
export type AdAnswer =
  /** `url` is where redirects led to. A body of 0 bytes, as with status 204, is an answer without ads. */
  | { readonly kind: 'body'; readonly body: Uint8Array; readonly url?: string }
  /** A body that the caller has read already. */
  | { readonly kind: 'read'; readonly response: AdResponse; readonly url?: string }
  | { readonly kind: 'failed'; readonly reason: 'timeout' | 'unreachable' | 'too-large' }

/** Why a document or an ad gives nothing. */
export type AdFailureReason =
  | AdFault
  | 'timeout'
  | 'unreachable'
  | 'too-large'
  | 'malformed'
  | 'unknown-root'
  | 'version-unsupported'
  | 'no-ads'
  | 'wrapper-not-allowed'
  | 'too-many-wrappers'
  | 'wrapper-loop'
  | 'bad-ad-tag-uri'
  | 'break-unusable'

/** One thing that went wrong, for logs and metrics. */
export type AdFailure = {
  /** Of the ad or of the wrapper that asked for the document; empty for the ad response itself. */
  readonly adId: string
  readonly hop: number
  readonly code: VastErrorCode
  readonly reason: AdFailureReason
}

/** What an ad response comes to. */
export type AdResolution = {
  /** In the order of the document. */
  readonly slots: readonly AdSlot[]
  readonly failures: readonly AdFailure[]
  /** To be called now; the error code is filled in. */
  readonly errorBeacons: readonly string[]
  /** `breakStart` and `breakEnd` of VMAP: see `withBreakTracking`. */
  readonly breakTracking: readonly TrackingEvent[]
}

/** What is known of a document before it is there. */
type Expectation = {
  readonly wrappers: readonly WrapperAd[]
  readonly visitedUrls: readonly string[]
  readonly allowsMultipleAds: boolean
  readonly followsWrappers: boolean
  readonly place: AdPlace
  /** Of the VMAP break that names the document. */
  readonly breakErrorUrls: readonly string[]
}

/** Resolves one ad response. */
export class AdResolver {
  readonly #queue: AdRequest[] = []
  readonly #expected = new Map<AdRequest, Expectation>()
  readonly #tree = new AdTree()
  readonly #failures: AdFailure[] = []
  readonly #errorBeacons = new Set<string>()
  #breakTracking: readonly TrackingEvent[] = []
  #requestCount = 0

  /** @param url the ad request, absolute. */
  constructor(url: string) {
    this.#ask(url, 0, {
      wrappers: [],
      visitedUrls: [URL.parse(url)?.href ?? url],
      allowsMultipleAds: true,
      followsWrappers: true,
      place: this.#tree.root,
      breakErrorUrls: [],
    })
  }

  /** Whether no answer is missing. */
  get isDone(): boolean {
    return this.#expected.size === 0
  }

  /** The next document to fetch; undefined when there is none, or none before another answer. */
  next(): AdRequest | undefined {
    return this.#queue.shift()
  }

  /** Brings the answer to a request; one that comes twice or after `finish` is passed over. Never throws. */
  accept(request: AdRequest, answer: AdAnswer): void {
    const expected = this.#expected.get(request)
    if (!expected) return
    this.#expected.delete(request)
    if (answer.kind === 'failed') {
      this.#failDocument(request, expected, answer.reason, VAST_ERROR.wrapperUnreachable)
    } else {
      this.#read(request, expected, answer)
    }
  }

  /** What came of it; requests that are not answered count as timed out. */
  finish(): AdResolution {
    this.#queue.length = 0
    for (const [request, expected] of this.#expected) {
      this.#failDocument(request, expected, 'timeout', VAST_ERROR.wrapperUnreachable)
    }
    this.#expected.clear()
    return {
      slots: this.#tree.slots(),
      failures: this.#failures,
      errorBeacons: [...this.#errorBeacons],
      breakTracking: this.#breakTracking,
    }
  }

  #ask(url: string, hop: number, expected: Expectation): void {
    const request = { url, hop }
    this.#requestCount++
    this.#expected.set(request, expected)
    this.#queue.push(request)
  }

  #read(
    request: AdRequest,
    expected: Expectation,
    answer: Extract<AdAnswer, { kind: 'body' | 'read' }>,
  ): void {
    const url = answer.url ?? request.url
    const here = { ...expected, visitedUrls: [...expected.visitedUrls, url] }
    const response = answer.kind === 'read' ? answer.response : readAdResponse(answer.body)
    switch (response.kind) {
      case 'vast':
        this.#readVast(url, request.hop, here, response.document)
        break
      case 'vmap':
        this.#readVmap(url, request, here, response.adBreak)
        break
      case 'empty':
        this.#readVast(url, request.hop, here, NO_DOCUMENT)
        break
      case 'unreadable':
        this.#failDocument(request, here, response.reason, response.code)
        break
    }
  }

  #readVmap(url: string, request: AdRequest, here: Expectation, adBreak: VmapBreak | undefined): void {
    // Breaks stand in the ad response alone: a wrapper has no use for one.
    if (request.hop > 0) {
      this.#failDocument(request, here, 'unknown-root', VAST_ERROR.schemaViolated)
      return
    }
    if (!adBreak) {
      this.#readVast(url, 0, here, NO_DOCUMENT)
      return
    }
    const { source, allowsMultipleAds, followsWrappers, errorUrls } = adBreak
    const inBreak = { ...here, allowsMultipleAds, followsWrappers }
    this.#breakTracking = adBreak.tracking
    if (source.kind === 'vast') {
      this.#readVast(url, 0, inBreak, source.document)
      return
    }
    const target = source.kind === 'tag' ? resolveUrl(source.adTagUri, url) : undefined
    if (target === undefined) {
      this.#failBreak(errorUrls, VAST_ERROR.vmapResponseFailed)
      return
    }
    this.#ask(target, 1, {
      ...inBreak,
      visitedUrls: [...here.visitedUrls, target],
      breakErrorUrls: errorUrls,
    })
  }

  #failBreak(errorUrls: readonly string[], code: VastErrorCode): void {
    this.#fail({ adId: '', hop: 0, code, reason: 'break-unusable' }, errorUrls)
  }

  #readVast(url: string, hop: number, here: Expectation, { ads, errorUrls }: VastDocument): void {
    if (ads.length === 0) {
      this.#failEmpty(hop, here, errorUrls)
      return
    }
    const chosen = here.allowsMultipleAds ? ads : onlyAd(ads, here.followsWrappers)
    const document = here.place.open(here.allowsMultipleAds)
    for (const ad of chosen) this.#readAd(ad, document.add(ad), { url, hop, here })
  }

  /** Without an ad the document itself may want to know (VAST 4.3 §3.2.1). */
  #failEmpty(hop: number, here: Expectation, errorUrls: readonly string[]): void {
    const adId = here.wrappers.at(-1)?.adId ?? ''
    const failure = { adId, hop, code: VAST_ERROR.noAdBehindWrapper, reason: 'no-ads' } as const
    this.#fail(failure, [...errorsOf(here.wrappers), ...errorUrls])
  }

  #readAd(
    ad: VastAd,
    place: AdPlace,
    { url, hop, here }: { readonly url: string; readonly hop: number; readonly here: Expectation },
  ): void {
    const fail = (reason: AdFailureReason, code: VastErrorCode): void => {
      this.#fail({ adId: ad.adId, hop, code, reason }, errorsOf([...here.wrappers, ad]))
    }
    if (ad.kind === 'broken') {
      fail(ad.reason, ad.code)
      return
    }
    if (ad.kind === 'inline') {
      place.fill(ad, here.wrappers)
      return
    }
    if (!here.followsWrappers) {
      fail('wrapper-not-allowed', VAST_ERROR.wrapperFailed)
      return
    }
    const target = resolveUrl(ad.adTagUri, url)
    if (target === undefined) {
      fail('bad-ad-tag-uri', VAST_ERROR.wrapperFailed)
      return
    }
    if (here.visitedUrls.includes(target)) {
      fail('wrapper-loop', VAST_ERROR.tooManyWrappers)
      return
    }
    if (hop >= MAX_HOPS || this.#requestCount >= MAX_DOCUMENTS) {
      fail('too-many-wrappers', VAST_ERROR.tooManyWrappers)
      return
    }
    this.#ask(target, hop + 1, {
      wrappers: [...here.wrappers, ad],
      visitedUrls: [...here.visitedUrls, target],
      allowsMultipleAds: ad.allowsMultipleAds,
      followsWrappers: ad.followsWrappers,
      place,
      breakErrorUrls: [],
    })
  }

  #failDocument(
    { hop }: AdRequest,
    { wrappers, breakErrorUrls }: Expectation,
    reason: AdFailureReason,
    code: VastErrorCode,
  ): void {
    this.#fail({ adId: wrappers.at(-1)?.adId ?? '', hop, code, reason }, errorsOf(wrappers))
    for (const url of breakErrorUrls) this.#tell(url, VAST_ERROR.vmapResponseFailed)
  }

  #fail(failure: AdFailure, errorUrls: readonly string[]): void {
    this.#failures.push(failure)
    for (const url of errorUrls) this.#tell(url, failure.code)
  }

  #tell(errorUrl: string, errorCode: VastErrorCode): void {
    if (this.#errorBeacons.size < MAX_ERROR_BEACONS) {
      this.#errorBeacons.add(fillMacros(errorUrl, { errorCode }))
    }
  }
}

const NO_DOCUMENT: VastDocument = { ads: [], errorUrls: [] }

/**
 * The one ad that a wrapper without `allowMultipleAds` takes: the first of its own, or else the first of the pod; ads that
 * cannot be used stand back behind others.
 */
function onlyAd(ads: readonly VastAd[], followsWrappers: boolean): readonly VastAd[] {
  const usable = ads.filter(({ kind }) => kind === 'inline' || (kind === 'wrapper' && followsWrappers))
  const candidates = usable.length > 0 ? usable : ads
  const standAlone = candidates.find(({ sequence }) => sequence === undefined)
  const inPod = [...candidates].sort((one, other) => (one.sequence ?? 0) - (other.sequence ?? 0))
  return [standAlone ?? inPod[0]].filter((ad) => ad !== undefined)
}

function errorsOf(ads: readonly VastAd[]): readonly string[] {
  return ads.flatMap(({ reporting }) => reporting.errorUrls)
}

/** Undefined for what is no web address. */
function resolveUrl(reference: string, documentUrl: string): string | undefined {
  const url = URL.parse(reference, documentUrl)
  return url && /^https?:$/.test(url.protocol) ? url.href : undefined
}
