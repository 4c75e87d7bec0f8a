/**
 * Which breaks a player wants to stay content: what it says in place of its playback configuration.
 *
 * Mode and value come from the same place: whoever names a mode names the value too.
 *
 * Pure. Reference: ssai §3.1, §3.4 (suppression).
 */
import { suppressionOf, type AdSettings } from '../../domain/playback-configuration.ts'

/** What is asked for; undefined when the configuration's own holds. */
export type SessionSuppression = AdSettings['suppression'] | undefined

type WrittenSuppression = {
  readonly mode: string | undefined
  /** `HH:MM:SS`. */
  readonly value: string | undefined
  readonly fillPolicy: string | undefined
}

/** A wish, or what is wrong with it. */
export type ReadSuppression =
  | { readonly kind: 'read'; readonly suppression: SessionSuppression }
  | { readonly kind: 'invalid'; readonly problem: string }

const MODES = ['OFF', 'BEHIND_LIVE_EDGE', 'AFTER_LIVE_EDGE'] as const
const FILL_POLICIES = ['FULL_AVAIL_ONLY', 'PARTIAL_AVAIL'] as const
const NO_OBJECT = 'availSuppression must be an object of texts'
const VALUE = /^\d{2}:[0-5]\d:[0-5]\d$/

/** Reads `aws.availSuppressionMode` and what belongs to it. */
export function suppressionOfQuery(query: URLSearchParams): ReadSuppression {
  return readSuppression({
    mode: query.get('aws.availSuppressionMode') ?? undefined,
    value: query.get('aws.availSuppressionValue') ?? undefined,
    fillPolicy: query.get('aws.availSuppressionFillPolicy') ?? undefined,
  })
}

/** Reads the member `availSuppression` of a body. */
export function suppressionOfJson(json: unknown): ReadSuppression {
  if (json === undefined) return { kind: 'read', suppression: undefined }
  if (typeof json !== 'object' || json === null) return invalid(NO_OBJECT)
  const { mode, value, fillPolicy } = json as Record<string, unknown>
  const texts = [mode, value, fillPolicy].map((one) => (typeof one === 'string' ? one : undefined))
  if ([mode, value, fillPolicy].some((one, index) => one !== texts[index])) {
    return invalid(NO_OBJECT)
  }
  return readSuppression({ mode: texts[0], value: texts[1], fillPolicy: texts[2] })
}

function readSuppression({ mode, value, fillPolicy }: WrittenSuppression): ReadSuppression {
  if (mode === undefined) {
    const isSilent = value === undefined && fillPolicy === undefined
    return isSilent ? { kind: 'read', suppression: undefined } : invalid('avail suppression needs a mode')
  }
  const Mode = MODES.find((one) => one === mode.toUpperCase())
  const FillPolicy = FILL_POLICIES.find((one) => one === fillPolicy?.toUpperCase())
  if (!Mode) return invalid(`the mode of avail suppression must be one of ${MODES.join(', ')}`)
  if (fillPolicy !== undefined && !FillPolicy) {
    return invalid(`the fill policy of avail suppression must be one of ${FILL_POLICIES.join(', ')}`)
  }
  if (FillPolicy === 'PARTIAL_AVAIL' && Mode !== 'AFTER_LIVE_EDGE') {
    return invalid('PARTIAL_AVAIL needs the mode AFTER_LIVE_EDGE')
  }
  if (Mode !== 'OFF' && !VALUE.test(value ?? '')) {
    return invalid('the value of avail suppression must be HH:MM:SS')
  }
  const suppression = { Mode, ...(value && { Value: value }), ...(FillPolicy && { FillPolicy }) }
  return { kind: 'read', suppression: suppressionOf(suppression) }
}

function invalid(problem: string): ReadSuppression {
  return { kind: 'invalid', problem }
}
