/**
 * The log of interactions with ad servers and players: what decisions, beacons and addresses of playback configurations
 * tell of sessions that are drawn for it, as lines of the server's own log.
 *
 * Members are called as in the records of AWS Elemental MediaTailor. URLs are left out: they carry what ad servers know
 * of viewers.
 *
 * Reference: ssai §2.3.
 */
import type { BeaconLogEntry, BeaconLogSink } from '../ads/beacons/beacon-log.ts'
import type { AdSources } from '../ads/decision/ad-sources.ts'
import { cleanText, isLogged, type AdLog, type AdLogEntry } from '../ads/decision/decision-log.ts'
import type { PlayerLog } from '../ads/mediatailor/player-log.ts'
import type { Clock } from '../base/clock.ts'
import type { LogFields, Logger } from '../base/logger.ts'
import { accountHash } from '../domain/playback-endpoints.ts'

const SENTENCE = 'ad interaction'

/** Where entries go. */
export type AdLogOptions = { readonly logger: Logger; readonly clock: Pick<Clock, 'nowMs'> }

/** Logs what happens on the way to decisions; sessions are drawn where they are made. */
export function decisionLog({ logger, clock }: AdLogOptions): AdLog {
  return (entry) => logger.info(SENTENCE, decisionRecord(entry, clock))
}

/** Logs what becomes of beacons, for the sessions that their configurations want to be logged. */
export function beaconLog(options: AdLogOptions, sources: Pick<AdSources, 'named'>): BeaconLogSink {
  return (entry) => logDrawn(options, sources, { entry, recordOf: () => beaconRecord(entry, options.clock) })
}

/** Logs what players that speak MediaTailor ask for, for the same sessions. */
export function playerLog(options: AdLogOptions, sources: Pick<AdSources, 'named'>): PlayerLog {
  return (entry) => {
    const { eventType, channelArn, fields } = entry
    const recordOf = (): LogFields => ({
      ...fields,
      eventType,
      ...sessionRecord(entry, options.clock),
      channelArn,
    })
    logDrawn(options, sources, { entry, recordOf, isOfPlayer: true })
  }
}

type Subject = {
  readonly accountId: string
  readonly configurationName: string
  readonly sessionUuid: string
}

function logDrawn(
  { logger }: AdLogOptions,
  sources: Pick<AdSources, 'named'>,
  {
    entry,
    recordOf,
    isOfPlayer = false,
  }: {
    readonly entry: Subject & { readonly eventType: string }
    readonly recordOf: () => LogFields
    readonly isOfPlayer?: boolean
  },
): void {
  sources.named(entry.accountId, entry.configurationName).then(
    (settings) => {
      const { logPercent = 0, excludedLogEvents, excludedManifestLogEvents } = settings ?? {}
      const excluded = isOfPlayer ? excludedManifestLogEvents : excludedLogEvents
      if (isLogged({ logPercent, excludedLogEvents: excluded ?? [] }, entry))
        logger.info(SENTENCE, recordOf())
    },
    // Whether it is to be logged is not known: what happened has been counted.
    () => undefined,
  )
}

function decisionRecord(entry: AdLogEntry, clock: Pick<Clock, 'nowMs'>): LogFields {
  const { eventType, channelArn, breakId, fields } = entry
  const subject = { eventType, ...sessionRecord(entry, clock), channelArn }
  if (eventType === 'FILLED_AVAIL') return { ...subject, avail: { availId: breakId, ...fields } }
  return { ...fields, ...subject, availId: breakId }
}

function beaconRecord(entry: BeaconLogEntry, clock: Pick<Clock, 'nowMs'>): LogFields {
  const { eventType, breakId, adIndex } = entry
  return {
    eventType,
    ...sessionRecord(entry, clock),
    availId: breakId,
    adIndex,
    trackingEvent: cleanText(entry.event),
    target: cleanText(entry.target),
    outcome: cleanText(entry.outcome),
  }
}

function sessionRecord(
  { accountId, configurationName, sessionUuid }: Subject,
  clock: Pick<Clock, 'nowMs'>,
): LogFields {
  return {
    eventTimestamp: new Date(clock.nowMs()).toISOString(),
    awsAccountId: accountId,
    customerId: accountHash(accountId),
    originId: configurationName,
    sessionId: sessionUuid,
  }
}
