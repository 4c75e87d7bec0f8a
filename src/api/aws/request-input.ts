/**
 * Puts the input of an operation together from where the contract places its members: body, path and query.
 */
import type { FastifyRequest } from 'fastify'
import type { OperationBinding } from '../operation.ts'
import type { JsonObject } from './request-body.ts'

const LABEL = /\{(\w+)\}$/

/** The route of an operation in the router's words: a label takes the rest of the path, whether encoded or not. */
export function routeOf({ path }: OperationBinding): string {
  return path.replace(LABEL, '*')
}

/** The members of the request, each only from its own place: the body may hold anything. */
export function gatherInput(
  binding: OperationBinding,
  request: Pick<FastifyRequest, 'params' | 'query'>,
  body: JsonObject,
): JsonObject {
  const [, label] = LABEL.exec(binding.path) ?? []
  const { '*': rest } = request.params as { readonly '*'?: string }
  return {
    ...without(body, binding.queryLists),
    ...(label !== undefined && { [label]: rest }),
    ...queryLists(binding.queryLists, request.query as Readonly<Record<string, unknown>>),
  }
}

// A key that stands once is a list of one; one that does not stand there is no member.
function queryLists(names: readonly string[], query: Readonly<Record<string, unknown>>): JsonObject {
  const present = names.filter((name) => query[name] !== undefined)
  return Object.fromEntries(present.map((name) => [name, [query[name]].flat()]))
}

function without(body: JsonObject, names: readonly string[]): JsonObject {
  if (names.length === 0) return body
  return Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name)))
}
