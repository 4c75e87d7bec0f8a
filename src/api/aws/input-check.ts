/**
 * Checks a request against its schema, and says what is wrong: the member, the fault, the limit.
 */
import { Ajv } from 'ajv'
import type { ErrorObject } from 'ajv'
import { DomainError } from '../../domain/errors.ts'

/** Outcome of a check. */
export type CheckedInput = { readonly value: unknown } | { readonly error: DomainError }

/** Compiles checks; nothing is coerced, filled in or removed. */
export function createInputChecker(): (schema: object) => (input: unknown) => CheckedInput {
  const ajv = new Ajv({ strict: true, allErrors: false, messages: false, validateSchema: true })
  return (schema) => {
    const check = ajv.compile(schema)
    return (input) => {
      if (check(input)) return { value: input }
      const [first] = check.errors ?? []
      return {
        error: new DomainError('VALIDATION', first ? describeFault(first) : 'the request is not valid'),
      }
    }
  }
}

/** One sentence without the value: it may be a secret. */
function describeFault(error: ErrorObject): string {
  return `${memberName(error)} ${fault(error)}`
}

// `/arns/3` is shown as `arns[3]`, `/filterBy/health` as `filterBy.health`.
function memberName(error: ErrorObject): string {
  const path =
    error.keyword === 'required'
      ? `${error.instancePath}/${text(error, 'missingProperty')}`
      : error.instancePath
  const map = mapAround(error, path)
  if (map !== undefined) return `a value in ${map}`
  if (error.propertyName !== undefined) return `a key in ${shown(path)}`
  return path === '' ? 'the body' : shown(path)
}

// Inside a map there are only keys that the caller chose: it is named itself.
function mapAround({ schemaPath }: ErrorObject, path: string): string | undefined {
  const [outside = '', inside] = schemaPath.split('/additionalProperties/')
  if (inside === undefined) return undefined
  const depth = outside.match(/\/(properties\/|items(\/|$))/g)?.length ?? 0
  return shown(
    path
      .split('/')
      .slice(0, depth + 1)
      .join('/'),
  )
}

function shown(path: string): string {
  const [first = '', ...rest] = path.slice(1).split('/')
  return first + rest.map((step) => (/^\d+$/.test(step) ? `[${step}]` : `.${step}`)).join('')
}

function fault(error: ErrorObject): string {
  switch (error.keyword) {
    case 'required':
      return 'is required'
    case 'type':
      return `must be ${text(error, 'type') === 'integer' ? 'a whole number' : `of type ${text(error, 'type')}`}`
    case 'enum':
      return `must be one of ${list(error, 'allowedValues')}`
    case 'pattern':
      return `must match ${text(error, 'pattern')}`
    case 'minLength':
      return `must be at least ${text(error, 'limit')} characters long`
    case 'maxLength':
      return `must be at most ${text(error, 'limit')} characters long`
    case 'minItems':
      return `must have at least ${text(error, 'limit')} items`
    case 'maxItems':
      return `must have at most ${text(error, 'limit')} items`
    case 'maxProperties':
      return `must have at most ${text(error, 'limit')} entries`
    case 'minimum':
      return `must be at least ${text(error, 'limit')}`
    case 'maximum':
      return `must be at most ${text(error, 'limit')}`
    default:
      return 'is not valid'
  }
}

function text(error: ErrorObject, parameter: string): string {
  return String((error.params as Record<string, unknown>)[parameter])
}

function list(error: ErrorObject, parameter: string): string {
  const values = (error.params as Record<string, unknown>)[parameter]
  return Array.isArray(values) ? values.join(', ') : String(values)
}
