/**
 * The log of interactions with ad servers: what decisions and beacons tell of sessions that are drawn for it, as lines of
 * the server's own log.
 *
 * Members are called as in the records of AWS Elemental MediaTailor. URLs are left out: they carry what ad servers know
 * of viewers.
 *
 * Reference: ssai §2.3.
 */
import type { BeaconLogEntry, BeaconLogSink } from '../ads/beacons/beacon-log.ts'
import type { AdSources } from '../ads/decision/ad-sources.ts'
import { cleanText, isLogged, type AdLog, type AdLogEntry } from '../ads/decision/decision-log.ts'
import type { Logger } from '../base/logger.ts'

const SENTENCE = 'ad interaction'

/** Logs what happens on the way to decisions; sessions are drawn where they are made. */
export function decisionLog(logger: Logger): AdLog {
  return (entry) => logger.info(SENTENCE, decisionRecord(entry))
}

/** Logs what becomes of beacons, for the sessions that their configurations want to be logged. */
export function beaconLog(logger: Logger, sources: Pick<AdSources, 'named'>): BeaconLogSink {
  return (entry) => {
    sources.named(entry.accountId, entry.configurationName).then(
      (settings) => {
        if (settings && isLogged(settings, entry)) logger.info(SENTENCE, beaconRecord(entry))
      },
      // Whether it is to be logged is not known: the beacon itself has been counted.
      () => undefined,
    )
  }
}

function decisionRecord(entry: AdLogEntry): Readonly<Record<string, unknown>> {
  const { eventType, accountId, channelArn, configurationName, sessionUuid, breakId, fields } = entry
  const subject = { eventType, ...sessionRecord(accountId, configurationName, sessionUuid), channelArn }
  if (eventType === 'FILLED_AVAIL') return { ...subject, avail: { availId: breakId, ...fields } }
  return { ...fields, ...subject, availId: breakId }
}

function beaconRecord(entry: BeaconLogEntry): Readonly<Record<string, unknown>> {
  const { eventType, accountId, configurationName, sessionUuid, breakId, adIndex } = entry
  return {
    eventType,
    ...sessionRecord(accountId, configurationName, sessionUuid),
    availId: breakId,
    adIndex,
    trackingEvent: cleanText(entry.event),
    target: cleanText(entry.target),
    outcome: cleanText(entry.outcome),
  }
}

function sessionRecord(awsAccountId: string, originId: string, sessionId: string): Record<string, string> {
  return { awsAccountId, originId, sessionId }
}
