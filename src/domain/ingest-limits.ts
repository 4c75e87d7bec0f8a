/**
 * What publishers may send at most, and how a breach of that is told (reference ivs-behaviour §1.3, §11).
 *
 * Pure. Over which time a bitrate is taken is for the live session to decide.
 */
import type { ChannelType } from './channel.ts'
import type { StreamEvent } from './stream-session.ts'

/** Limits of one publisher. */
export type IngestLimits = {
  /** Picture and sound together, on a BASIC channel with a picture of at most 480p. */
  readonly basic480pBitrateBps: number
  /** On a BASIC channel with a larger picture. */
  readonly basicBitrateBps: number
  /** On channels of every other type. */
  readonly bitrateBps: number
  readonly totalPixels: number
  readonly edgePixels: number
  readonly durationHours: number
}

/** The documented limits. */
export const DEFAULT_INGEST_LIMITS: IngestLimits = {
  basic480pBitrateBps: 1_500_000,
  basicBitrateBps: 3_500_000,
  bitrateBps: 8_500_000,
  totalPixels: 2_100_000,
  edgePixels: 1920,
  durationHours: 48,
}

/** The detail type of an event that tells of a breach. */
export const LIMIT_BREACH = 'IVS Limit Breach'

/** A limit that was exceeded, in the words of the service. */
export type LimitBreach = {
  readonly name: 'Ingest Bitrate' | 'Ingest Resolution' | 'Concurrent Broadcasts'
  readonly limit: number
  /** Above `limit`. */
  readonly value: number
  readonly unit: 'bits per second' | 'total pixels' | 'pixels per edge' | 'active streams'
}

/** A picture's size in pixels. */
export type PictureSize = { readonly width: number; readonly height: number }

const BASIC_SMALL_EDGE = 480
/**
 * Encoders are set to the bitrate of their picture. Sound and the unevenness of the encoder come on top, and for them
 * nobody is cut off.
 */
const BITRATE_TOLERANCE = 1.1

/** Most bits a second that a channel takes; `picture` is undefined until its size is known. */
export function bitrateLimitBps(
  limits: IngestLimits,
  type: ChannelType,
  picture: PictureSize | undefined,
): number {
  if (type !== 'BASIC') return limits.bitrateBps
  const isSmall = picture !== undefined && Math.min(picture.width, picture.height) <= BASIC_SMALL_EDGE
  return isSmall ? limits.basic480pBitrateBps : limits.basicBitrateBps
}

/** The breach that a sustained bitrate is, when it is more than a tenth above `limitBps`. */
export function bitrateBreach(limitBps: number, bitrateBps: number): LimitBreach | undefined {
  if (bitrateBps <= limitBps * BITRATE_TOLERANCE) return undefined
  return { name: 'Ingest Bitrate', limit: limitBps, value: Math.round(bitrateBps), unit: 'bits per second' }
}

/** The breach that a picture is by its size, however it is turned. */
export function resolutionBreach(limits: IngestLimits, picture: PictureSize): LimitBreach | undefined {
  const name = 'Ingest Resolution'
  const pixels = picture.width * picture.height
  if (pixels > limits.totalPixels)
    return { name, limit: limits.totalPixels, value: pixels, unit: 'total pixels' }
  const edge = Math.max(picture.width, picture.height)
  if (edge > limits.edgePixels)
    return { name, limit: limits.edgePixels, value: edge, unit: 'pixels per edge' }
  return undefined
}

/** The breach that one more broadcast is, when an account has `running` of at most `limit` already. */
export function broadcastsBreach(limit: number, running: number): LimitBreach | undefined {
  if (running < limit) return undefined
  return { name: 'Concurrent Broadcasts', limit, value: running + 1, unit: 'active streams' }
}

/** A breach as the detail of its event. */
export function breachDetail(breach: LimitBreach): NonNullable<StreamEvent['detail']> {
  const { name, limit, value, unit } = breach
  return { limit_name: name, limit_value: limit, exceeded_by: value - limit, limit_unit: unit }
}

/** A breach in one sentence, for the publisher and the operator. */
export function breachText({ name, limit, value, unit }: LimitBreach): string {
  return `${name} is ${value} ${unit}, above the limit of ${limit}.`
}
