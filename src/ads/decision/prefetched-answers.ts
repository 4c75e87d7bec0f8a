/**
 * Answers of ad servers that were asked ahead of a break, until a break takes them.
 *
 * An ad server that is asked ahead is told of a break like one whose length nobody knows, with the values that the
 * schedule has for it. What it names is held only as long as somebody keeps the token that is given out for it.
 *
 * Reference: ssai §2.4, §3.2.
 */
import { randomAlphanumeric } from '../../base/ids.ts'
import type { Clock } from '../../base/clock.ts'
import { AD_BREAK_ID_CHARS } from '../../domain/ad-break.ts'
import type { DecisionRequest, PrefetchedAds } from '../ad-decider.ts'
import type { PrefetchWish } from '../ad-prefetcher.ts'
import type { Conversation } from './ad-conversation.ts'
import { variableValue } from './ad-variables.ts'

/** As long as a break may be, and what an ad server is told when nobody knows. */
const UNKNOWN_BREAK_SECONDS = 300

/** What an ad server is asked ahead of a break. */
export function requestAhead(wish: PrefetchWish, clock: Pick<Clock, 'nowMs'>): DecisionRequest {
  const { plan, viewer, segmentMs, breakIndex, profile, dueMonotonicMs } = wish
  const nowMs = clock.nowMs()
  const durationMs = durationOf(plan.variables)
  return {
    viewer,
    adBreak: {
      id: randomAlphanumeric(AD_BREAK_ID_CHARS),
      rollType: 'MIDROLL',
      durationSeconds: durationMs / 1000,
      insertedAtMs: nowMs,
      targetStartMs: nowMs,
      endsAtMs: nowMs + durationMs,
    },
    durationMs,
    segmentMs,
    contentTimeMs: nowMs,
    breakIndex,
    profile,
    dueMonotonicMs,
    // Nobody knows when the break begins.
    variables: { 'avail.source_content_time_epoch_ms': '', ...plan.variables },
  }
}

function durationOf(variables: Readonly<Record<string, string>>): number {
  const seconds = Number(variables['session.avail_duration_secs'])
  const told = Number(variables['session.avail_duration_ms'] ?? seconds * 1000)
  return told > 0 && told <= UNKNOWN_BREAK_SECONDS * 1000 ? told : UNKNOWN_BREAK_SECONDS * 1000
}

/** The answers of all sessions. */
export class PrefetchedAnswers {
  readonly #answers = new WeakMap<PrefetchedAds, Conversation>()

  /** Keeps what came of `request`, made of `wish`, at `nowMs`; the token for it. */
  keep(
    { plan }: Pick<PrefetchWish, 'plan'>,
    request: DecisionRequest,
    { answer, nowMs }: { readonly answer: Conversation; readonly nowMs: number },
  ): PrefetchedAds {
    const { id, configurationName, consumption, recurrence, matching } = plan
    const ads: PrefetchedAds = {
      planId: id,
      configurationName,
      fromMs: consumption.startMs,
      untilMs: Math.min(consumption.endMs, nowMs + (recurrence?.keptMs ?? Infinity)),
      matching: Object.fromEntries(matching.map((name) => [name, textOf(name, request)])),
    }
    this.#answers.set(ads, answer)
    return ads
  }

  /** The answer for the break of `request`, given out once; undefined when none is for it. */
  take(request: DecisionRequest, configurationName: string): Conversation | undefined {
    for (const ads of request.prefetched ?? []) {
      const answer = this.#answers.get(ads)
      if (!answer || ads.configurationName !== configurationName || !isFor(ads, request)) continue
      this.#answers.delete(ads)
      return answer
    }
    return undefined
  }
}

/** Breaks before the stream have an ad server of their own. */
function isFor({ fromMs, untilMs, matching }: PrefetchedAds, request: DecisionRequest): boolean {
  const { rollType, targetStartMs } = request.adBreak
  if (rollType === 'PREROLL' || targetStartMs < fromMs || targetStartMs > untilMs) return false
  return Object.entries(matching).every(([name, text]) => textOf(name, request) === text)
}

function textOf(name: string, request: DecisionRequest): string {
  const facts = { request, aliases: {}, random: () => 0, nowMs: request.adBreak.insertedAtMs }
  return variableValue(name, facts)?.text ?? ''
}
