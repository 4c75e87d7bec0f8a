/**
 * Reads the fields of one entry of a list in the config file.
 */
import type { Environment, RawValue } from './raw-value.ts'
import { findSecret, secretFields, type RawEntry } from './secret-source.ts'

/** What is wrong with an entry, in words that show no secret. */
export class EntryProblem extends Error {
  override readonly name = 'EntryProblem'
}

/** The form of a text field. */
export type TextForm = {
  /** As an error message says it after "want". */
  readonly want: string
  readonly accepts: (text: string) => boolean
  /** Whether a value may hold a secret, so that no message shows it. */
  readonly secret?: boolean
}

/** One entry; every method throws an `EntryProblem` that names the field. */
export class EntryReader {
  readonly #entry: RawEntry
  readonly #environment: Environment
  readonly #known = new Set<string>()

  constructor(raw: RawValue, environment: Environment) {
    if (typeof raw === 'string' || Array.isArray(raw)) throw new EntryProblem('not a map')
    this.#entry = raw as RawEntry
    this.#environment = environment
  }

  /** A text that must be there. */
  text(field: string, form: TextForm): string {
    return this.optionalText(field, form) ?? missing(field, form.want)
  }

  /** A text that may be missing. */
  optionalText(field: string, form: TextForm): string | undefined {
    const raw = this.#take(field)
    if (raw === undefined) return undefined
    const text = typeof raw === 'string' ? raw.trim() : ''
    if (typeof raw === 'string' && form.accepts(text)) return text
    const shown = typeof raw === 'string' && !form.secret ? `"${text.slice(0, 200)}"` : 'malformed'
    throw new EntryProblem(`its ${field} is ${shown}; want ${form.want}`)
  }

  /** A list of texts, or one text alone. */
  texts(field: string, form: TextForm): readonly string[] {
    const raw = this.#take(field)
    const items: readonly RawValue[] = raw === undefined ? [] : Array.isArray(raw) ? raw : [raw]
    if (items.length === 0) return missing(field, form.want)
    return items.map((item) => {
      if (typeof item === 'string' && form.accepts(item.trim())) return item.trim()
      throw new EntryProblem(`its ${field} is malformed; want ${form.want}`)
    })
  }

  /** A whole number from `min` to `max`. */
  integer(field: string, range: { min: number; max: number; unit: string; default: number }): number {
    const raw = this.#take(field)
    if (raw === undefined) return range.default
    const value = typeof raw === 'string' && /^[0-9]{1,15}$/.test(raw.trim()) ? Number(raw) : NaN
    if (value >= range.min && value <= range.max) return value
    throw new EntryProblem(
      `its ${field} is not a whole number from ${range.min} to ${range.max} ${range.unit}`,
    )
  }

  /** One of a few words. */
  choice<Choice extends string>(field: string, choices: readonly Choice[], otherwise?: Choice): Choice {
    const raw = this.#take(field)
    const chosen = raw === undefined ? otherwise : choices.find((choice) => choice === raw)
    if (chosen !== undefined) return chosen
    throw new EntryProblem(
      `its ${field} is ${raw === undefined ? 'missing' : 'unknown'}; want one of ${choices.join(', ')}`,
    )
  }

  /** A secret, in the entry, in a file or in the environment; undefined when there is none. */
  secret(field: string, form: RegExp): string | undefined {
    for (const name of secretFields(field)) this.#known.add(name)
    const found = findSecret(this.#entry, field, form, this.#environment)
    if (found && 'problem' in found) throw new EntryProblem(found.problem)
    return found?.secret
  }

  /** Makes sure that the entry has no field that nobody asked for. */
  end(): void {
    const unknownField = Object.keys(this.#entry).find((field) => !this.#known.has(field))
    if (unknownField !== undefined) throw new EntryProblem(`unknown field ${unknownField}`)
  }

  #take(field: string): RawValue | undefined {
    this.#known.add(field)
    return this.#entry[field]
  }
}

function missing(field: string, want: string): never {
  throw new EntryProblem(`its ${field} is missing; want ${want}`)
}
