/**
 * What is measured of one decision: what the ad server answered, and what came of it for the break.
 *
 * Reference: ssai §3.9.
 */
import type { AdSettings } from '../../domain/playback-configuration.ts'
import { adsOf, type AdSlot } from '../../media/vast/ad-slot.ts'
import type { DecisionRequest } from '../ad-decider.ts'
import type { AdDecision } from '../ad-decision.ts'
import type { Conversation } from './ad-conversation.ts'
import type { CountedConfiguration, DecisionCounters } from './decision-counters.ts'

/** Whose decision, and what for. */
export type CountedDecision = {
  readonly request: Pick<DecisionRequest, 'viewer' | 'durationMs'>
  readonly settings: Pick<AdSettings, 'configurationName'>
}

/** The ad server was asked. */
export function countAnswer(
  counters: DecisionCounters,
  counted: CountedDecision,
  { outcome, latencyMs, slots }: Conversation,
): void {
  const configuration = configurationOf(counted)
  if (outcome !== 'answered') counters.observe(configuration, 'AdDecisionServer.Errors')
  if (outcome === 'timeout') counters.observe(configuration, 'AdDecisionServer.Timeouts')
  if (latencyMs !== undefined) counters.observe(configuration, 'AdDecisionServer.Latency', latencyMs)
  counters.observe(configuration, 'AdDecisionServer.Ads', adsOf(slots).length)
  counters.observe(configuration, 'AdDecisionServer.Duration', offeredMsOf(slots))
}

/** How much of the break the ad server had ads for: known once there is a break. */
export function countOffer(
  counters: DecisionCounters,
  counted: CountedDecision,
  slots: readonly AdSlot[],
): void {
  const rate = Math.min(1, offeredMsOf(slots) / counted.request.durationMs)
  counters.observe(configurationOf(counted), 'AdDecisionServer.FillRate', rate)
}

/** The break is decided. */
export function countDecision(
  counters: DecisionCounters,
  counted: CountedDecision,
  decision: AdDecision,
): void {
  const configuration = configurationOf(counted)
  const { durationMs } = counted.request
  const filledMs = filledMsOf(decision)
  counters.observe(configuration, 'Avail.Duration', durationMs)
  counters.observe(configuration, 'Avail.FilledDuration', filledMs)
  counters.observe(configuration, 'Avail.FillRate', Math.min(1, filledMs / durationMs))
  for (const { reason } of decision.skipped) counters.skipped(configuration, reason)
}

/** Length of the ads of a decision, in milliseconds. */
export function filledMsOf({ items }: AdDecision): number {
  return sum(items.flatMap((item) => (item.kind === 'ad' ? item.creative.durationTicks / 90 : [])))
}

function configurationOf({ request, settings }: CountedDecision): CountedConfiguration {
  return { accountId: request.viewer.accountId, configurationName: settings.configurationName }
}

function offeredMsOf(slots: readonly AdSlot[]): number {
  return sum(adsOf(slots).map((ad) => ad.durationMs))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
