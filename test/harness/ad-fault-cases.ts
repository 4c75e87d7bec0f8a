/**
 * What can go wrong with the ads of one viewer, and what he, the ad server and the operator are to see then.
 */
import type { SkipReason } from '../../src/ads/ad-decision.ts'
import {
  delayedAnswer,
  hangingAnswer,
  malformedAnswer,
  noAds,
  podAnswer,
  reportedTo,
  wrappedAnswer,
  type AdAnswering,
} from './ad-server.ts'
import { WHOLE_AD_EVENTS } from './vast-documents.ts'

/** What is seen and told of one break. */
export type FaultOutcome = {
  /** Pictures other than content, one after the other, with their seconds. */
  readonly sees: readonly string[]
  /** What arrives at the ad server, as `<ad>:<event>`, errors with their code. */
  readonly reports: readonly string[]
  /** Events of the log that a break without a fault does not have. */
  readonly told: readonly string[]
  readonly skipped: readonly SkipReason[]
}

/** Addresses of what ads are made of. */
export type FaultCreatives = {
  /** Four seconds of magenta. */
  readonly whole: string
  /** Two of lime. */
  readonly short: string
  readonly silent: string
  readonly large: string
  readonly tall: string
  readonly corrupt: string
  readonly gone: string
  /** Somewhere that may not be asked: a creative, and a server. */
  readonly inner: string
  readonly innerServer: string
  /** A server that is not there in the first break. */
  readonly awayServer: string
}

/** The ads of one viewer. */
export type FaultCase = {
  readonly name: string
  /** The playback configuration that he gets his ads from; default `plain`. */
  readonly configuration?: string
  readonly answering: (creatives: FaultCreatives) => AdAnswering
  readonly first: Partial<FaultOutcome>
  /** After the first break; by default he gets the good ad then. */
  readonly second?: Partial<FaultOutcome>
}

/** Length of every break, and of the good ad. */
export const BREAK_SECONDS = 4
/** From the announcement of a break to its beginning. */
export const LEAD_SECONDS = 2
const IN_TIME_MS = 700
const TOO_LATE_MS = (LEAD_SECONDS + 1) * 1000
const MAX_WRAPPERS = 7

/** Nothing but content, and nothing to tell. */
export const NOTHING: FaultOutcome = { sees: [], reports: [], told: [], skipped: [] }
/** The good ad. */
export const GOOD: FaultOutcome = { ...NOTHING, sees: ['magenta 4'], reports: reportsOf('good') }
const SLATE = ['blue 4']
const FRAMED = { sees: ['yellow 1', 'lime 2', 'red 1'], reports: reportsOf('short') }

/** What is reported of an ad that is seen whole, in order. */
export function reportsOf(adId: string): readonly string[] {
  return WHOLE_AD_EVENTS.map((event) => `${adId}:${event}`)
}

/** Answers with the good ad. */
export function goodAnswer({ whole }: Pick<FaultCreatives, 'whole'>): AdAnswering {
  return pod(['good', whole, BREAK_SECONDS])
}

/** Every fault. */
export const FAULT_CASES: readonly FaultCase[] = [
  { name: 'nothing at fault', answering: goodAnswer, first: GOOD },
  {
    name: 'ad server down',
    configuration: 'down',
    answering: goodAnswer,
    first: { told: ['ERROR_ADS_IO'] },
  },
  {
    name: 'ad server down, with a slate',
    configuration: 'down-slate',
    answering: goodAnswer,
    first: { sees: SLATE, told: ['ERROR_ADS_IO'] },
  },
  {
    name: 'ad server on a private address',
    configuration: 'private',
    answering: goodAnswer,
    first: { told: ['ERROR_DISALLOWED_HOST'] },
    second: { told: ['ERROR_DISALLOWED_HOST'] },
  },
  {
    name: 'ad server slow, but in time',
    answering: (creatives) => delayedAnswer(IN_TIME_MS, goodAnswer(creatives)),
    first: GOOD,
  },
  {
    name: 'ad server slower than the lead',
    answering: (creatives) => delayedAnswer(TOO_LATE_MS, goodAnswer(creatives)),
    first: { told: ['ERROR_ADS_TIMEOUT'] },
  },
  {
    name: 'ad server without an answer',
    answering: () => hangingAnswer(),
    first: { told: ['ERROR_ADS_TIMEOUT'] },
  },
  {
    name: 'ad server without an answer, with a slate',
    configuration: 'slate',
    answering: () => hangingAnswer(),
    first: { sees: SLATE, told: ['ERROR_ADS_TIMEOUT'] },
  },
  {
    name: 'ad server that fails',
    answering: () => () => ({ status: 500 }),
    first: { told: ['ERROR_ADS_INVALID_RESPONSE'] },
  },
  {
    name: 'ad server without ads',
    answering: () => () => noAds(),
    first: { told: ['EMPTY_VAST_RESPONSE', 'WARNING_NO_ADVERTISEMENTS'] },
  },
  {
    name: 'ad server without ads, with a slate',
    configuration: 'slate',
    answering: () => () => noAds(),
    first: { sees: SLATE, told: ['EMPTY_VAST_RESPONSE', 'WARNING_NO_ADVERTISEMENTS'] },
  },
  {
    name: 'answer that breaks off',
    answering: () => () => malformedAnswer(),
    first: { told: ['ERROR_ADS_RESPONSE_PARSE'] },
  },
  {
    name: 'seven wrappers',
    answering: (creatives) => wrappedAnswer(MAX_WRAPPERS, goodAnswer(creatives)),
    first: GOOD,
  },
  {
    name: 'eight wrappers',
    answering: (creatives) => wrappedAnswer(MAX_WRAPPERS + 1, goodAnswer(creatives)),
    first: { told: ['ERROR_VAST_REDIRECT_FAILED'] },
  },
  newCreative('creative that is gone', ({ gone }) => gone, unavailable('creative that is gone')),
  newCreative('corrupt creative', ({ corrupt }) => corrupt, unplayable('corrupt creative')),
  newCreative(
    'creative on a private address',
    ({ inner }) => inner,
    unavailable('creative on a private address'),
  ),
  newCreative('creative without sound', ({ silent }) => silent, { sees: ['cyan 4'] }),
  newCreative('creative in 4K', ({ large }) => large, { sees: ['orange 4'] }),
  newCreative('creative in 9:16', ({ tall }) => tall, { sees: ['boxed white 4'] }),
  {
    name: 'ad that is too long',
    answering: ({ whole }) => pod(['long', whole, 9]),
    first: { reports: ['long:error 202'], skipped: ['AVAIL_DURATION_EXCEEDED'] },
  },
  {
    name: 'pod that is too long',
    answering: ({ whole, short }) => pod(['one', short, 2], ['two', whole, 4], ['three', short, 2]),
    first: {
      sees: ['lime 4'],
      reports: ['two:error 202', ...reportsOf('one'), ...reportsOf('three')],
      skipped: ['AVAIL_DURATION_EXCEEDED'],
    },
  },
  {
    name: 'ad that is too short',
    answering: ({ short }) => pod(['short', short, 2]),
    first: { sees: ['lime 2'], reports: reportsOf('short') },
  },
  {
    name: 'ad that is too short, with a slate',
    configuration: 'slate',
    answering: ({ short }) => pod(['short', short, 2]),
    first: { sees: ['lime 2', 'blue 2'], reports: reportsOf('short') },
  },
  {
    name: 'ad between bumpers',
    configuration: 'bumpers',
    answering: ({ short }) => pod(['short', short, 2]),
    first: FRAMED,
    second: FRAMED,
  },
  {
    name: 'beacons to a private address',
    answering: (creatives) => reportedTo(creatives.innerServer, goodAnswer(creatives)),
    first: { sees: GOOD.sees, told: ['ERROR_FIRING_BEACON_FAILED'] },
  },
  {
    name: 'beacons to a server that is down',
    answering: (creatives) => reportedTo(creatives.awayServer, goodAnswer(creatives)),
    first: { sees: GOOD.sees },
  },
]

function pod(...ads: readonly (readonly [id: string, mediaUrl: string, seconds: number])[]): AdAnswering {
  return podAnswer(ads.map(([id, mediaUrl, seconds]) => ({ id, durationMs: seconds * 1000, mediaUrl })))
}

/** An ad whose creative nobody asked for before: it is prepared in the first break, for the second one. */
function newCreative(
  name: string,
  urlOf: (creatives: FaultCreatives) => string,
  second: Partial<FaultOutcome>,
): FaultCase {
  return {
    name,
    answering: (creatives) => pod([name, urlOf(creatives), BREAK_SECONDS]),
    first: { reports: [`${name}:error 407`], skipped: ['NEW_CREATIVE'] },
    second: { reports: reportsOf(name), ...second },
  }
}

function unavailable(name: string): Partial<FaultOutcome> {
  return { reports: [`${name}:error 401`], skipped: ['MEDIA_FILE_UNAVAILABLE'] }
}

function unplayable(name: string): Partial<FaultOutcome> {
  return { reports: [`${name}:error 405`], skipped: ['TRANSCODE_ERROR'] }
}
