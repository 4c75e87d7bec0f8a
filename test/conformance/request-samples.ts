/**
 * Requests made up from the operations' own schemas: valid ones, and ones that break exactly one constraint.
 */
import fc from 'fast-check'
import type { Operation } from '../../src/api/operation.ts'
import { ANY_AUTHORIZATION } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'

/** A member's place: names and indices from the top. */
export type MemberPath = readonly (string | number)[]

/** One way to break a constraint. */
export type Fault = {
  /** Which constraint of which member. */
  readonly title: string
  /** What the message must say: the member, the fault and the limit. */
  readonly says: string
  /** The same request with the fault in it. */
  readonly inject: (input: JsonMap) => fc.Arbitrary<JsonMap>
}

/** Members of a request. */
export type JsonMap = Readonly<Record<string, unknown>>

/** What the schemas of requests are made of. */
export type Schema = {
  readonly type: 'object' | 'array' | 'string' | 'integer' | 'boolean'
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly minItems?: number
  readonly maxItems?: number
  readonly enum?: readonly string[]
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly propertyNames?: Schema
  readonly additionalProperties?: Schema
  readonly maxProperties?: number
}

/** The schema of an operation's request. */
export function schemaOf({ input }: Operation): Schema {
  return input as unknown as Schema
}

/** How values are made up. */
export type SampleOptions = {
  /** ARNs of resources that exist; those of the right type are used. */
  readonly arns?: readonly string[]
  /** Whether every member is there and no list is empty. */
  readonly complete?: boolean
}

/** Values that a schema allows. */
export function validValue(schema: Schema, options: SampleOptions = {}): fc.Arbitrary<unknown> {
  switch (schema.type) {
    case 'boolean':
      return fc.boolean()
    case 'integer':
      return fc.integer({ min: schema.minimum ?? 0, max: schema.maximum ?? Number.MAX_SAFE_INTEGER })
    case 'string':
      return validText(schema, options.arns)
    case 'array':
      return fc.array(validValue(itemsOf(schema), options), {
        minLength: schema.minItems ?? (options.complete ? 1 : 0),
        maxLength: Math.min(schema.maxItems ?? 5, 5),
      })
    case 'object':
      return schema.properties ? validObject(schema, options) : validMap(schema)
  }
}

/** Requests that the operation's schema allows. */
export function validInput(operation: Operation, options: SampleOptions): fc.Arbitrary<JsonMap> {
  return validValue(schemaOf(operation), options) as fc.Arbitrary<JsonMap>
}

function validObject(
  { properties = {}, required = [] }: Schema,
  options: SampleOptions,
): fc.Arbitrary<unknown> {
  const names = Object.keys(properties)
  const values = Object.entries(properties).map(
    ([name, member]) => [name, validValue(member, options)] as const,
  )
  return fc.record(Object.fromEntries(values), { requiredKeys: options.complete ? names : [...required] })
}

function validMap({ propertyNames, additionalProperties }: Schema): fc.Arbitrary<unknown> {
  if (!propertyNames || !additionalProperties) throw new Error('a map without rules for keys and values')
  const key = validText(propertyNames).filter((text) => !text.toLowerCase().startsWith('aws:'))
  const odd = fc.constantFrom(...ODD_KEYS)
  const keys = fc.oneof({ arbitrary: key, weight: 4 }, { arbitrary: odd, weight: 1 })
  return fc.dictionary(keys, validText(additionalProperties), { maxKeys: 4 })
}

// Keys that careless code takes for what every object has, or puts in another order.
const ODD_KEYS = ['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'toJSON', 'length', '0']

function validText(schema: Schema, arns: readonly string[] = []): fc.Arbitrary<string> {
  if (schema.enum) return fc.constantFrom(...schema.enum)
  const { minLength = 0, maxLength = 300 } = schema
  if (schema.pattern === undefined) return fc.string({ minLength, maxLength: Math.min(maxLength, 300) })
  const pattern = new RegExp(schema.pattern, 'u')
  const known = schema.pattern.includes('arn:') ? arns.filter((arn) => pattern.test(arn)) : []
  if (known.length > 0) return fc.constantFrom(...known)
  return textsOf(pattern)
    .map((text) => padded(Array.from(text).slice(0, maxLength), minLength))
    .filter((text) => pattern.test(text))
}

const textsByPattern = new Map<string, fc.Arbitrary<string>>()

// Kept, because taking a pattern with Unicode classes apart is slow.
function textsOf(pattern: RegExp): fc.Arbitrary<string> {
  const known = textsByPattern.get(pattern.source) ?? fc.stringMatching(pattern)
  textsByPattern.set(pattern.source, known)
  return known
}

// Limits count characters, not the halves of surrogate pairs.
function padded(characters: readonly string[], length: number): string {
  return characters.join('') + 'a'.repeat(Math.max(0, length - characters.length))
}

function itemsOf(schema: Schema): Schema {
  if (!schema.items) throw new Error('a list without items')
  return schema.items
}

/** Every way to break one constraint of the operation's request. */
export function faultsOf(operation: Operation): readonly Fault[] {
  const outsideBody = new Set([...operation.queryLists, ...labelOf(operation)])
  return faultsAt(schemaOf(operation), [])
    .filter(({ path, keyword }) => !(keyword === 'type' && outsideBody.has(String(path[0]))))
    .filter(({ path, keyword }) => !(keyword === 'required' && labelOf(operation).includes(String(path[0]))))
    .map(({ path, keyword, says, bad }) => ({
      title: `${keyword} of ${path.join('.')}`,
      says,
      inject: (input) => bad.map((value) => withMember(input, path, value)),
    }))
}

type PlacedFault = {
  readonly path: MemberPath
  readonly keyword: string
  readonly says: string
  readonly bad: fc.Arbitrary<unknown>
}

/** Stands for the member being absent. */
const ABSENT = Symbol('absent')
const LONG_LIST_ITEMS = 60

function faultsAt(schema: Schema, path: MemberPath): PlacedFault[] {
  const own = path.length === 0 ? [] : ownFaults(schema, path)
  const members = Object.entries(schema.properties ?? {})
  return [
    ...own,
    ...(schema.required ?? []).map((name) => ({
      path: [...path, name],
      keyword: 'required',
      says: `${textOf([...path, name])} is required`,
      bad: fc.constantFrom(ABSENT, null),
    })),
    ...members.flatMap(([name, member]) => faultsAt(member, [...path, name])),
    ...(schema.items ? faultsAt(schema.items, [...path, 0]) : []),
    ...(schema.propertyNames ? mapFaults(schema, path) : []),
  ]
}

function ownFaults(schema: Schema, path: MemberPath): PlacedFault[] {
  const name = textOf(path)
  const fault = (keyword: string, text: string, bad: fc.Arbitrary<unknown>): PlacedFault[] => [
    { path, keyword, says: `${name} must ${text}`, bad },
  ]
  const { minimum, maximum, minItems, maxItems } = schema
  return [
    ...fault('type', typeText(schema), wrongType(schema)),
    ...(schema.type === 'string' ? textFaults(schema, fault) : []),
    ...(minimum === undefined
      ? []
      : fault('minimum', `be at least ${minimum}`, fc.integer({ max: minimum - 1 }))),
    ...(maximum === undefined
      ? []
      : fault(
          'maximum',
          `be at most ${maximum}`,
          fc.nat(1000).map((more) => maximum + 1 + more * 2),
        )),
    ...(minItems === undefined ? [] : fault('minItems', `have at least ${minItems} items`, fc.constant([]))),
    ...(maxItems === undefined
      ? []
      : fault(
          'maxItems',
          `have at most ${maxItems} items`,
          validValue(itemsOf(schema)).map((item) => Array<unknown>(maxItems + 1).fill(item)),
        )),
  ]
}

function textFaults(
  schema: Schema,
  fault: (keyword: string, text: string, bad: fc.Arbitrary<unknown>) => PlacedFault[],
): PlacedFault[] {
  const { minLength = 0, maxLength, pattern } = schema
  if (schema.enum) {
    const other = fc.string().filter((text) => !schema.enum?.includes(text))
    return fault('enum', `be one of ${schema.enum.join(', ')}`, other)
  }
  const valid = validText(schema)
  const short = valid.map((text) => text.slice(0, minLength - 1))
  const long = valid.map((text) => padded(Array.from(text), (maxLength ?? 0) + 1))
  return [
    ...(minLength > 0 ? fault('minLength', `be at least ${minLength} characters long`, short) : []),
    ...(maxLength === undefined ? [] : fault('maxLength', `be at most ${maxLength} characters long`, long)),
    ...(pattern === undefined ? [] : fault('pattern', `match ${pattern}`, breaking(schema, pattern))),
  ]
}

/** Texts of an allowed length in which one character is not. */
function breaking(schema: Schema, pattern: string): fc.Arbitrary<string> {
  const allowed = new RegExp(pattern, 'u')
  const character = fc.constantFrom('!', '\u0000', '\n', '"', '\u007f', '<')
  return fc
    .tuple(validText(schema), character, fc.nat())
    .map(
      ([text, bad, at]) =>
        text.slice(0, at % (text.length + 1)) + bad + text.slice((at % (text.length + 1)) + 1),
    )
    .filter((text) => !allowed.test(text) && text.length <= (schema.maxLength ?? Infinity))
    .filter((text) => text.length >= (schema.minLength ?? 0))
}

function mapFaults(
  { propertyNames, additionalProperties, maxProperties }: Schema,
  path: MemberPath,
): PlacedFault[] {
  const name = textOf(path)
  const size = maxProperties ?? 0
  const many = Object.fromEntries(Array.from({ length: size + 1 }, (_, index) => [`key${index}`, '']))
  const ofKeys = propertyNames ? ownFaults(propertyNames, path) : []
  const ofValues = additionalProperties ? ownFaults(additionalProperties, path) : []
  const inKey = ofKeys.filter(({ keyword }) => keyword !== 'type')
  return [
    {
      path,
      keyword: 'maxProperties',
      says: `${name} must have at most ${size} entries`,
      bad: fc.constant(many),
    },
    {
      path,
      keyword: 'reserved prefix',
      says: `${name} has a key with the reserved prefix aws:`,
      bad: fc
        .constantFrom('aws:', 'aws:x', 'AWS:x', 'aWs:cloudformation:stack')
        .map((key) => ({ [key]: '' })),
    },
    ...inKey.map((fault) => ({
      ...fault,
      keyword: `${fault.keyword} of a key`,
      says: fault.says.replace(name, `a key in ${name}`),
      bad: fault.bad.map((key) => ({ [String(key)]: '' })),
    })),
    ...ofValues.map((fault) => ({
      ...fault,
      keyword: `${fault.keyword} of a value`,
      says: fault.says.replace(name, `a value in ${name}`),
      bad: fault.bad.map((value) => ({ key: value })),
    })),
  ]
}

function typeText({ type }: Schema): string {
  return type === 'integer' ? 'be a whole number' : `be of type ${type}`
}

function wrongType({ type }: Schema): fc.Arbitrary<unknown> {
  const fractions = fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .filter((value) => !Number.isInteger(value))
  const byType = {
    string: fc.string(),
    integer: fc.integer(),
    boolean: fc.boolean(),
    array: fc.array(fc.integer()),
    object: fc.dictionary(fc.string(), fc.integer()),
  }
  const others = Object.entries(byType).filter(([name]) => name !== type)
  return fc.oneof(fractions, ...others.map(([, arbitrary]) => arbitrary))
}

// As the message spells a place: `arns[0]`, `filterBy.health`.
function textOf(path: MemberPath): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .slice(1)
}

function withMember(input: JsonMap, [step, ...rest]: MemberPath, value: unknown): JsonMap {
  const name = String(step)
  if (rest.length === 0) {
    return value === ABSENT ? without(input, name) : { ...input, [name]: value }
  }
  const [next] = rest
  const inner = input[name]
  if (typeof next !== 'number') return { ...input, [name]: withMember((inner ?? {}) as JsonMap, rest, value) }
  const [first, ...items] = Array.isArray(inner) ? (inner as unknown[]) : []
  const last = rest.length === 1
  const changed = last
    ? value === ABSENT
      ? []
      : [value]
    : [withMember((first ?? {}) as JsonMap, rest.slice(1), value)]
  return { ...input, [name]: [...changed, ...items].slice(0, LONG_LIST_ITEMS) }
}

/** The same members but for one. */
export function without(members: JsonMap, name: string): JsonMap {
  return Object.fromEntries(Object.entries(members).filter(([other]) => other !== name))
}

function labelOf({ path }: Operation): readonly string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
}

/** Sends a request as the contract places its members; what has no place in path or query is the body. */
export async function send(api: ApiFixture, operation: Operation, input: JsonMap): Promise<Response> {
  const body = { ...input }
  const take = (name: string): unknown => {
    const { [name]: value } = body
    Reflect.deleteProperty(body, name)
    return value
  }
  const path = operation.path.replace(/\{(\w+)\}/, (_, name: string) => encoded(take(name)))
  const query = operation.queryLists.flatMap((name) =>
    [take(name) ?? []].flat().map((item) => `${name}=${encoded(item)}`),
  )
  return fetch(`${api.url}${path}${query.length > 0 ? `?${query.join('&')}` : ''}`, {
    method: operation.method,
    headers: { authorization: ANY_AUTHORIZATION, 'content-type': 'application/json' },
    ...(operation.method === 'POST' && { body: JSON.stringify(body) }),
  })
}

/** Objects that generators make may have no text of their own, such as `{ toString: null }`. */
function encoded(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? null)
  return encodeURIComponent(text.toWellFormed())
}
