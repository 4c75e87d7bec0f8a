/**
 * A value of a setting before and after it was understood.
 */

/** A value as it was given: text, or for the config file a list or a map of such values. */
export type RawValue = string | readonly RawValue[] | { readonly [key: string]: RawValue }

/** A value of a setting, or what is wrong with the given one. */
export type ParsedValue =
  | { readonly kind: 'value'; readonly value: unknown }
  /** `problem` shows the value where that gives away no secret. */
  | { readonly kind: 'refused'; readonly problem: string }

/** The environment variables that a value may name. */
export type Environment = Readonly<Record<string, string | undefined>>

/** A value that was understood. */
export function accepted(value: unknown): ParsedValue {
  return { kind: 'value', value }
}

/** A value that was not. */
export function refused(problem: string): ParsedValue {
  return { kind: 'refused', problem }
}
