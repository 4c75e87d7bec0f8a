/**
 * What stands beside the tracks of a conditioned creative on disk: how long it is, and which rendition has which track.
 */
import { CREATIVE_PADDING_MS } from '../creative-library.ts'
import { isCreativeKey, RECIPE_VERSION } from './creative-key.ts'

/** A stored track. */
export type StoredTrack = {
  readonly kind: 'video' | 'audio'
  /** Name of its file in the creative's directory. */
  readonly file: string
  readonly sizeBytes: number
  /** SHA-256 of the file, hexadecimal. */
  readonly digest: string
  /** Names of the renditions that have it. */
  readonly renditions: readonly string[]
}

/** A conditioned creative as it is stored. */
export type CreativeManifest = {
  readonly recipe: number
  readonly key: string
  /** Without the padding; 90 kHz. */
  readonly durationTicks: number
  readonly tracks: readonly StoredTrack[]
}

/** Name of the manifest's file. */
export const MANIFEST_FILE = 'creative.json'
/** Largest manifest that is read. */
export const MAX_MANIFEST_BYTES: number = 256 * 1024

const TICKS_PER_MS = 90
const TRACK_FILE = /^[a-z]+-\d{1,3}\.ts$/

/** End of the padding, in ticks of 90 kHz. */
export function endTicksOf({ durationTicks }: Pick<CreativeManifest, 'durationTicks'>): number {
  return durationTicks + CREATIVE_PADDING_MS * TICKS_PER_MS
}

/** Bytes of all tracks. */
export function sizeBytesOf({ tracks }: CreativeManifest): number {
  return tracks.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
}

/** Reads a manifest; undefined when it is damaged, of another recipe or of another creative than `key`. */
export function parseManifest(text: string, key: string): CreativeManifest | undefined {
  const value = parseJson(text)
  if (!isObject(value) || value['recipe'] !== RECIPE_VERSION || value['key'] !== key || !isCreativeKey(key)) {
    return undefined
  }
  const { durationTicks, tracks } = value
  if (!isCount(durationTicks) || durationTicks === 0 || !Array.isArray(tracks)) return undefined
  const read = tracks.map(parseTrack)
  const whole = read.filter((track) => track !== undefined)
  if (whole.length === 0 || whole.length !== read.length) return undefined
  return { recipe: RECIPE_VERSION, key, durationTicks, tracks: whole }
}

function parseTrack(value: unknown): StoredTrack | undefined {
  if (!isObject(value)) return undefined
  const { kind, file, sizeBytes, digest, renditions } = value
  if (kind !== 'video' && kind !== 'audio') return undefined
  if (typeof file !== 'string' || !TRACK_FILE.test(file) || !isCount(sizeBytes)) return undefined
  if (typeof digest !== 'string' || !isCreativeKey(digest)) return undefined
  if (!Array.isArray(renditions) || !renditions.every((name) => typeof name === 'string')) return undefined
  return { kind, file, sizeBytes, digest, renditions }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
