/**
 * What ad servers are told when an ad is not played: the codes that `[ERRORCODE]` stands for.
 *
 * Spec: VAST 4.3 §2.3.6.3; VMAP 1.0.1 §2.5; reference ssai §4.4.
 */

/** The codes by what they mean. */
export const VAST_ERROR = {
  xmlMalformed: 100,
  schemaViolated: 101,
  versionUnsupported: 102,
  adTypeUnexpected: 200,
  linearityDiffers: 201,
  durationDiffers: 202,
  breakShortened: 206,
  wrapperFailed: 300,
  wrapperUnreachable: 301,
  tooManyWrappers: 302,
  noAdBehindWrapper: 303,
  linearFailed: 400,
  mediaFileNotFound: 401,
  mediaFileTimedOut: 402,
  mediaFileUnsupported: 403,
  mediaFileUnplayable: 405,
  /** The creative is being prepared for the first time: the ad is not served now. */
  mezzanineInPreparation: 407,
  mezzanineUnsuitable: 411,
  undefined: 900,
  vmapBreakUnsupported: 1003,
  vmapResponseFailed: 1004,
} as const

/** One of the codes. */
export type VastErrorCode = (typeof VAST_ERROR)[keyof typeof VAST_ERROR]
