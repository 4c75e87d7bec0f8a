/**
 * Port to the log of interactions with ad servers, for the sessions that a configuration wants to be logged.
 *
 * Reference: ssai §2.3.
 */
import { createHash } from 'node:crypto'
import type { DecisionRequest } from '../ad-decider.ts'
import type { AdSettings } from '../../domain/playback-configuration.ts'

/** What can happen on the way to a decision. */
export type AdLogEventType =
  | 'MAKING_ADS_REQUEST'
  | 'VAST_REDIRECT'
  | 'VAST_RESPONSE'
  | 'REDIRECTED_VAST_RESPONSE'
  | 'EMPTY_VAST_RESPONSE'
  | 'EMPTY_VMAP_RESPONSE'
  | 'FILLED_AVAIL'
  | 'WARNING_NO_ADVERTISEMENTS'
  | 'WARNING_VPAID_AD_DROPPED'
  | 'WARNING_URL_VARIABLE_SUBSTITUTION_FAILED'
  | 'ERROR_UNKNOWN'
  | 'ERROR_UNKNOWN_HOST'
  | 'ERROR_DISALLOWED_HOST'
  | 'ERROR_ADS_IO'
  | 'ERROR_ADS_TIMEOUT'
  | 'ERROR_ADS_RESPONSE_PARSE'
  | 'ERROR_ADS_RESPONSE_UNKNOWN_ROOT_ELEMENT'
  | 'ERROR_ADS_INVALID_RESPONSE'
  | 'ERROR_VAST_REDIRECT_EMPTY_RESPONSE'
  | 'ERROR_VAST_REDIRECT_FAILED'
  | 'ERROR_VAST_MISSING_MEDIAFILES'
  | 'ERROR_VAST_MISSING_CREATIVES'
  | 'ERROR_VAST_INVALID_VAST_AD_TAG_URI'
  | 'ERROR_VAST_INVALID_MEDIA_FILE'
  | 'ERROR_PERSONALIZATION_DISABLED'

type AdLogMembers = Readonly<Record<string, string | number | readonly string[]>>

/** What is told beside the event; texts from outside are clean. */
export type AdLogFields = Readonly<
  Record<string, string | number | readonly string[] | readonly AdLogMembers[]>
>

/** One entry. URLs are never in it: of a target it has the host. */
export type AdLogEntry = {
  readonly eventType: AdLogEventType
  readonly accountId: string
  readonly channelArn: string
  readonly configurationName: string
  readonly sessionUuid: string
  readonly breakId: string
  readonly fields: AdLogFields
}

/** Takes entries; never throws. */
export type AdLog = (entry: AdLogEntry) => void

/** Writes the entries of one decision; a function gives what is told when somebody wants it. */
export type DecisionNotes = (eventType: AdLogEventType, fields?: AdLogFields | (() => AdLogFields)) => void

const SILENT: DecisionNotes = () => undefined

/** The notes of a decision; silent for sessions that are not drawn. A session is drawn once and for all. */
export function notesOf(
  log: AdLog,
  { viewer, adBreak }: DecisionRequest,
  settings: AdSettings,
): DecisionNotes {
  const { accountId, channelArn, sessionUuid } = viewer
  if (!isDrawn(sessionUuid, settings.logPercent)) return SILENT
  const { configurationName } = settings
  const subject = { accountId, channelArn, configurationName, sessionUuid, breakId: adBreak.id }
  return (eventType, fields = {}) => {
    if (isExcluded(settings, eventType)) return
    log({ eventType, ...subject, fields: typeof fields === 'function' ? fields() : fields })
  }
}

/** Whether a configuration wants an event of a session to be logged. */
export function isLogged(
  settings: Pick<AdSettings, 'logPercent' | 'excludedLogEvents'>,
  { eventType, sessionUuid }: { readonly eventType: string; readonly sessionUuid: string },
): boolean {
  return !isExcluded(settings, eventType) && isDrawn(sessionUuid, settings.logPercent)
}

function isExcluded(
  { excludedLogEvents }: Pick<AdSettings, 'excludedLogEvents'>,
  eventType: string,
): boolean {
  return excludedLogEvents?.includes(eventType) ?? false
}

function isDrawn(sessionUuid: string, percent: number): boolean {
  if (percent <= 0) return false
  if (percent >= 100) return true
  const drawn = createHash('sha256').update(sessionUuid).digest().readUInt32BE(0) / 2 ** 32
  return drawn * 100 < percent
}

const MAX_TEXT_CHARS = 128

/** A text of an ad server as it may be logged: one line, without anything that moves the cursor, and not long. */
export function cleanText(text: string): string {
  return text
    .slice(0, MAX_TEXT_CHARS)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '�')
}
