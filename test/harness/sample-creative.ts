/**
 * Conditioned creatives of the right shape without pictures, and a library and a decider that have them at once.
 */
import type { AdDecider, DecisionRequest } from '../../src/ads/ad-decider.ts'
import type { AdDecision, PodItem } from '../../src/ads/ad-decision.ts'
import {
  CREATIVE_PADDING_MS,
  type CreativeLibrary,
  type HeldCreative,
  type LoadedCreative,
} from '../../src/ads/creative-library.ts'
import { MEDIA_TIMESCALE } from '../../src/media/access-unit.ts'
import type { ResolvedAd, TrackingEvent } from '../../src/media/vast/resolved-ad.ts'
import { audioFrames, picture, SAMPLE_AUDIO, SAMPLE_VIDEO } from './media/sample-tracks.ts'
import { plainAd } from '../../src/media/vast/plain-ad-fixture.ts'

const FRAME_TICKS = 3000
const KEYFRAME_FRAMES = 15

/** A creative of `seconds` at 30 frames a second, in the renditions called so. */
export function sampleCreative(
  key: string,
  seconds: number,
  renditions: readonly string[] = ['chunked', '360p30'],
): LoadedCreative {
  const wholeSeconds = seconds + CREATIVE_PADDING_MS / 1000
  const video = Array.from({ length: Math.round(wholeSeconds * 30) }, (_, index) =>
    picture({ dtsTicks: index * FRAME_TICKS, keyframe: index % KEYFRAME_FRAMES === 0 }),
  )
  const audio = audioFrames(SAMPLE_AUDIO, Math.ceil((wholeSeconds * 48_000) / 1024))
  const rendition = {
    video: { track: SAMPLE_VIDEO, units: video },
    audio: { track: SAMPLE_AUDIO, units: audio },
  }
  return {
    key,
    assetId: `asset-${key}`,
    durationTicks: Math.round(seconds * MEDIA_TIMESCALE),
    renditions: new Map(renditions.map((name) => [name, rendition])),
  }
}

/** An ad that reports everything a server can. */
export function sampleAd(id: string, durationMs: number): ResolvedAd {
  const events = ['impression', 'start', 'firstQuartile', 'midpoint', 'thirdQuartile', 'complete']
  const tracking: TrackingEvent[] = events.map((event) => ({
    event,
    offset: undefined,
    urls: [`https://ads.example/${id}/${event}`],
  }))
  return plainAd({
    adId: id,
    adSystem: 'sample',
    adTitle: `Ad ${id}`,
    creativeId: `creative-${id}`,
    durationMs,
    tracking,
  })
}

/** An item of a pod that plays `creative`. */
export function adItem(creative: LoadedCreative): PodItem {
  const ad = sampleAd(creative.key, (creative.durationTicks * 1000) / MEDIA_TIMESCALE)
  return { kind: 'ad', ad, creative }
}

/** A library with `creatives`, and how many of them are held. */
export class SampleLibrary implements Pick<CreativeLibrary, 'load'> {
  readonly #creatives: ReadonlyMap<string, LoadedCreative>
  held = 0

  constructor(creatives: readonly LoadedCreative[]) {
    this.#creatives = new Map(creatives.map((creative) => [creative.key, creative]))
  }

  readonly load = (key: string): Promise<HeldCreative | undefined> => {
    const media = this.#creatives.get(key)
    if (!media) return Promise.resolve(undefined)
    this.held++
    const release = (): void => {
      this.held--
    }
    return Promise.resolve({ media, release })
  }
}

/** A decider whose answers are given by hand, or at once by `answer`. */
export class HandDecider implements AdDecider {
  readonly requests: DecisionRequest[] = []
  readonly #waiting: {
    readonly request: DecisionRequest
    readonly resolve: (decision: AdDecision) => void
  }[] = []
  answer: ((request: DecisionRequest) => AdDecision) | undefined

  readonly decide = (request: DecisionRequest): Promise<AdDecision> => {
    this.requests.push(request)
    if (this.answer) return Promise.resolve(this.answer(request))
    return new Promise((resolve) => this.#waiting.push({ request, resolve }))
  }

  /** Answers the oldest open request. */
  give(decision: AdDecision): void {
    this.#waiting.shift()?.resolve(decision)
  }

  /** The oldest open request. */
  get oldest(): DecisionRequest | undefined {
    return this.#waiting[0]?.request
  }

  /** Requests without an answer. */
  get open(): number {
    return this.#waiting.length
  }
}
