/**
 * Documents without the members that no schema names: what is kept is given back, and only the contract's own is.
 */
import type { TSchema } from 'typebox'

type Shape = {
  readonly properties?: Readonly<Record<string, Shape>>
  readonly items?: Shape
}

/** The part of `value` that `schema` names, at every depth; maps are kept whole. `value` has passed the check. */
export function knownMembers(schema: TSchema, value: unknown): Readonly<Record<string, unknown>> {
  return known(schema, value) as Readonly<Record<string, unknown>>
}

function known(schema: Shape, value: unknown): unknown {
  const { properties, items } = schema
  if (Array.isArray(value)) return items ? value.map((item: unknown) => known(items, item)) : value
  if (!properties || typeof value !== 'object' || value === null) return value
  const members = value as Readonly<Record<string, unknown>>
  const present = Object.entries(properties).filter(([name]) => Object.hasOwn(members, name))
  return Object.fromEntries(present.map(([name, inner]) => [name, known(inner, members[name])]))
}
