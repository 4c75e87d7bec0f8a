/**
 * Input of the AWS Query protocol: a form whose names are paths, such as `Dimensions.member.1.Name`.
 *
 * A form has only text, so the schema decides what becomes a number or a truth value; what does not have the form of one
 * stays text, and the check of the input refuses it.
 */
import type { TSchema } from 'typebox'
import type { JsonObject } from './request-body.ts'

type Schema = {
  readonly type?: 'object' | 'array' | 'integer' | 'number' | 'boolean' | 'string'
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
}

/** A place in the form: the text at it, and what lies below. */
type Branch = { text: string | undefined; readonly below: Map<string, Branch> }

/** Steps that a name may have: deeper than any structure. */
const MAX_STEPS = 12

/** The members that `form` gives, as far as `input` knows them. */
export function readQueryForm(form: URLSearchParams, input: TSchema): JsonObject {
  const root = newBranch()
  for (const [name, text] of form) {
    const steps = name.split('.')
    if (steps.length <= MAX_STEPS) branchAt(root, steps).text = text
  }
  return (readBranch(root, input) ?? {}) as JsonObject
}

function newBranch(): Branch {
  return { text: undefined, below: new Map() }
}

function branchAt(root: Branch, steps: readonly string[]): Branch {
  let branch = root
  for (const step of steps) {
    const next = branch.below.get(step) ?? newBranch()
    branch.below.set(step, next)
    branch = next
  }
  return branch
}

function readBranch(branch: Branch, schema: Schema): unknown {
  switch (schema.type ?? 'string') {
    case 'object':
      return readStructure(branch, schema.properties ?? {})
    case 'array':
      return readList(branch, schema.items ?? {})
    case 'integer':
    case 'number':
      return readNumber(branch.text)
    case 'boolean':
      return branch.text === 'true' ? true : branch.text === 'false' ? false : branch.text
    case 'string':
      return branch.text
  }
}

function readStructure(branch: Branch, properties: Readonly<Record<string, Schema>>): object {
  const members = Object.entries(properties).flatMap(([name, member]) => {
    const below = branch.below.get(name)
    return below ? [[name, readBranch(below, member)] as const] : []
  })
  return Object.fromEntries(members)
}

// Items are numbered from 1; what counts is their order.
function readList(branch: Branch, items: Schema): unknown[] {
  const numbered = branch.below.get('member')?.below ?? new Map<string, Branch>()
  return [...numbered]
    .sort(([left], [right]) => Number(left) - Number(right))
    .map(([, item]) => readBranch(item, items))
}

function readNumber(text: string | undefined): unknown {
  if (text === undefined || text.trim() === '') return text
  // Times are seconds here, as in the JSON protocols.
  const value = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) / 1000 : Number(text)
  return Number.isNaN(value) ? text : value
}
