/**
 * What the dynamic variables of an ad request stand for.
 *
 * Reference: ssai §3.2.
 */
import { createHash } from 'node:crypto'
import { fillMacros } from '../../media/vast/macros.ts'
import type { DecisionRequest } from '../ad-decider.ts'

/** What variables are filled from. */
export type VariableFacts = {
  readonly request: DecisionRequest
  /** By variable, then by alias: such a variable stands for what its alias means. */
  readonly aliases: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** From 0 up to, but not including, 1; a new one for each use. */
  readonly random: () => number
  readonly nowMs: number
}

/** The value of a variable, and whose word it is. */
export type VariableValue = {
  readonly text: string
  /**
   * `operator`: written in the configuration. `signed`: in the viewer's token, or in a prefetch schedule. `viewer`: what the
   * viewer sent, or the server's own.
   */
  readonly origin: 'operator' | 'signed' | 'viewer'
}

const MAX_RANDOM = 10_000_000_000
const MAX_VALUE_CHARS = 4096
const BREAK_POSITIONS = { PREROLL: 1, MIDROLL: 2, POSTROLL: 3 } as const

const VARIABLES: ReadonlyMap<string, (facts: VariableFacts) => string | number> = new Map<
  string,
  (facts: VariableFacts) => string | number
>([
  ['session.id', ({ request }) => numericId(request.viewer.sessionNumber)],
  ['session.uuid', ({ request }) => request.viewer.sessionUuid],
  ['session.client_ip', ({ request }) => request.viewer.address],
  ['session.user_agent', ({ request }) => request.viewer.userAgent],
  ['session.referer', ({ request }) => request.viewer.referer],
  ['session.accept_language', ({ request }) => request.viewer.acceptLanguage],
  ['session.avail_duration_ms', ({ request }) => Math.round(request.durationMs)],
  ['session.avail_duration_secs', ({ request }) => Math.round(request.durationMs / 1000)],
  ['avail.index', ({ request }) => request.breakIndex],
  ['avail.random', ({ random }) => Math.floor(random() * MAX_RANDOM)],
  ['avail.source_content_time_epoch_ms', ({ request }) => Math.round(request.contentTimeMs)],
])

/** Known, and without a value: breaks of a channel come from a call and not from a message in the stream. */
const SCTE_VARIABLES = new Set([
  'event_id',
  'segmentation_event_id',
  'avail_num',
  'avails_expected',
  'unique_program_id',
  'segmentation_type_id',
  'segment_num',
  'segments_expected',
  'sub_segment_num',
  'sub_segments_expected',
  'segmentation_upid',
  'segmentation_upid.assetId',
  'segmentation_upid.cueData.key',
  'segmentation_upid.cueData.value',
  'delivery_not_restricted_flag',
  'archive_allowed_flag',
  'no_regional_blackout_flag',
  'device_restrictions',
])
const PRIVATE_UPID = /^segmentation_upid\.private_data\.[0-9]{1,4}$/

/** The value of the variable `name`; undefined when it is unknown, has no value, or its alias means nothing. */
export function variableValue(name: string, facts: VariableFacts): VariableValue | undefined {
  const plain = plainValue(name, facts)
  const meanings = ownValue(facts.aliases, name)
  if (!meanings) return plain && { ...plain, text: plain.text.slice(0, MAX_VALUE_CHARS) }
  const meaning = plain && ownValue(meanings, plain.text)
  return meaning === undefined ? undefined : { text: meaning, origin: 'operator' }
}

function plainValue(name: string, facts: VariableFacts): VariableValue | undefined {
  const given = ownValue(facts.request.variables ?? {}, name)
  if (given !== undefined) return { text: given, origin: 'signed' }
  const variable = VARIABLES.get(name)
  if (variable) return { text: String(variable(facts)), origin: 'viewer' }
  if (name.startsWith('player_params.')) {
    const params = facts.request.viewer.claims.playerParams ?? {}
    const text = ownValue(params, name.slice('player_params.'.length))
    return text === undefined ? undefined : { text, origin: 'signed' }
  }
  if (isKnownEmpty(name)) return { text: '', origin: 'viewer' }
  return macroValue(name, facts)
}

function isKnownEmpty(name: string): boolean {
  if (name.startsWith('asset.')) return true
  const scte = name.startsWith('scte.') ? name.slice('scte.'.length) : ''
  return SCTE_VARIABLES.has(scte) || PRIVATE_UPID.test(scte)
}

/** Templates made for players hold their macros too, such as `[CACHEBUSTING]`. */
function macroValue(name: string, { request, nowMs, random }: VariableFacts): VariableValue | undefined {
  const macro = `[${name}]`
  const filled = fillMacros(macro, {
    nowMs,
    random: random(),
    breakPosition: BREAK_POSITIONS[request.adBreak.rollType],
    breakMaxDurationSeconds: Math.round(request.durationMs / 1000),
    transactionId: request.viewer.sessionUuid,
    deviceIp: request.viewer.address,
    deviceUserAgent: request.viewer.userAgent,
    isServerSide: true,
  })
  return filled === macro ? undefined : { text: decodeURIComponent(filled), origin: 'viewer' }
}

/** The session's number as digits, always the same. */
function numericId(sessionNumber: string): string {
  return String(createHash('sha256').update(sessionNumber).digest().readUIntBE(0, 6))
}

function ownValue<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}
