/**
 * Classes of picture sizes, by which thumbnails, recorded renditions and what a viewer may get are chosen
 * (reference ivs-behaviour §2.4).
 *
 * The class of a portrait picture is that of the same picture turned over: the shorter edge counts.
 */
import type { MaximumResolution } from './viewer-access.ts'

/** A class of picture sizes. */
export type ResolutionClass = 'LOWEST_RESOLUTION' | MaximumResolution

/** Longest shorter edge of each class in pixels, smallest class first. */
const CLASS_BOUNDS: readonly (readonly [ResolutionClass, number])[] = [
  ['LOWEST_RESOLUTION', 360],
  ['SD', 480],
  ['HD', 720],
  ['FULL_HD', 1080],
]

/** The class of a picture; undefined for one larger than every class. */
export function resolutionClassOf(width: number, height: number): ResolutionClass | undefined {
  const shortEdge = Math.min(width, height)
  return CLASS_BOUNDS.find(([, bound]) => shortEdge <= bound)?.[0]
}

/** Whether a picture is of the class `maximum` or a smaller one. */
export function isWithinResolution(maximum: ResolutionClass, width: number, height: number): boolean {
  const bound = CLASS_BOUNDS.find(([name]) => name === maximum)?.[1] ?? 0
  return Math.min(width, height) <= bound
}
