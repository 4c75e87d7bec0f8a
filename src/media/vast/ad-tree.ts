/**
 * The ads of a response while its documents come in: which place each has, and what stands in it.
 *
 * Documents may come in any order; places keep the order in which ads stand in the documents.
 *
 * Reference: ssai §3.4 (ad sequencing).
 */
import { MAX_ADS } from './ad-reader.ts'
import type { AdSlot } from './ad-slot.ts'
import { mergeAd } from './merge-ad.ts'
import type { InlineAd, VastAd, WrapperAd } from './vast-document.ts'

/** Behind all sequence numbers: pods of wrappers that have none of their own, in the order of their documents. */
const UNNUMBERED = 1_000_000_000

/** Where an ad stands, or the document that it leads to. */
export class AdPlace {
  readonly sequence: number | undefined
  readonly allowsReplacement: boolean
  /** The ad with the wrappers that led to it, outermost first. */
  content: { readonly ad: InlineAd; readonly wrappers: readonly WrapperAd[] } | AdDocument | undefined

  constructor(sequence: number | undefined, allowsReplacement: boolean) {
    this.sequence = sequence
    this.allowsReplacement = allowsReplacement
  }

  /** The ad that is played here. */
  fill(ad: InlineAd, wrappers: readonly WrapperAd[]): void {
    this.content = { ad, wrappers }
  }

  /** The document that is behind this place. */
  open(allowsMultipleAds: boolean): AdDocument {
    const document = new AdDocument(allowsMultipleAds)
    this.content = document
    return document
  }
}

/** The ads of one document. */
export class AdDocument {
  readonly allowsMultipleAds: boolean
  readonly places: AdPlace[] = []

  constructor(allowsMultipleAds: boolean) {
    this.allowsMultipleAds = allowsMultipleAds
  }

  /** A place behind those that the document has. */
  add(ad: VastAd): AdPlace {
    const place = new AdPlace(ad.sequence, ad.kind !== 'wrapper' || ad.fallsBackOnNoAd)
    this.places.push(place)
    return place
  }
}

/** Where the slots of a place go. */
type Position = {
  readonly podPath: readonly number[]
  readonly documentIndex: number
  readonly allowsReplacement: boolean
}

/** All places of one response. */
export class AdTree {
  /** Of the response itself. */
  readonly root: AdPlace = new AdPlace(undefined, true)

  /** The slots so far, at most `MAX_ADS` of them with an ad. */
  slots(): readonly AdSlot[] {
    const walk = new SlotWalk()
    walk.visit(this.root, { podPath: [], documentIndex: 0, allowsReplacement: true })
    return walk.slots
  }
}

/** Goes through the tree in the order of the documents. */
class SlotWalk {
  readonly slots: AdSlot[] = []
  #adCount = 0
  #documentCount = 0

  visit({ content }: AdPlace, position: Position): void {
    if (content instanceof AdDocument && content.places.length > 0) {
      this.#visitDocument(content, position)
    } else if (content && 'ad' in content) {
      if (this.#adCount++ >= MAX_ADS) return
      this.slots.push({ ...position, ad: mergeAd(content.ad, content.wrappers, sequenceOf(position)) })
    } else if (position.podPath.length > 0) {
      this.slots.push({ ...position, ad: undefined })
    }
  }

  #visitDocument({ places, allowsMultipleAds }: AdDocument, outer: Position): void {
    const index = this.#documentCount++
    const hasPod = allowsMultipleAds && places.some(({ sequence }) => sequence !== undefined)
    // One ad, or ads that have no order of their own: the first stands where the wrapper does.
    const heir = hasPod ? undefined : places[0]
    const isInPod = index === 0 || outer.podPath.length > 0
    const prefix = isInPod ? outer.podPath : [UNNUMBERED + index]
    for (const place of places) {
      const allowsReplacement = outer.allowsReplacement && place.allowsReplacement
      if (place === heir) {
        this.visit(place, { ...outer, allowsReplacement })
      } else {
        const podPath = place.sequence === undefined || !hasPod ? [] : [...prefix, place.sequence]
        this.visit(place, { podPath, documentIndex: index, allowsReplacement })
      }
    }
  }
}

function sequenceOf({ podPath }: Position): number | undefined {
  return podPath.at(-1)
}
