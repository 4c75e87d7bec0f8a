/**
 * Puts the input of an operation together from where the contract places its members: body, path and query.
 */
import type { FastifyRequest } from 'fastify'
import type { OperationBinding } from '../operation.ts'
import type { JsonObject } from './request-body.ts'

const LABEL = /\{(\w+)\}/g
const LAST_LABEL = /\{(\w+)\}$/

/** The route of an operation in the router's words: the last label takes the rest of the path, whether encoded or not. */
export function routeOf({ path }: OperationBinding): string {
  return path.replace(LAST_LABEL, '*').replaceAll(LABEL, ':$1')
}

/** The members of the request, each only from its own place: the body may hold anything. */
export function gatherInput(
  binding: OperationBinding,
  request: Pick<FastifyRequest, 'params' | 'query'>,
  body: JsonObject,
): JsonObject {
  const query = request.query as JsonObject
  const { queryLists, queryTexts, queryNumbers } = binding
  return {
    ...without(body, [...queryLists, ...queryTexts, ...queryNumbers]),
    ...labels(binding, request.params as JsonObject),
    // A key that stands once is a list of one; one that does not stand there is no member.
    ...picked(query, queryLists, (value) => [value].flat()),
    ...picked(query, queryTexts, (value) => value),
    ...picked(query, queryNumbers, numberIn),
  }
}

function labels({ path }: OperationBinding, params: JsonObject): JsonObject {
  const [, last] = LAST_LABEL.exec(path) ?? []
  const { '*': rest, ...steps } = params
  return last === undefined ? steps : { ...steps, [last]: rest }
}

function picked(query: JsonObject, names: readonly string[], read: (value: unknown) => unknown): JsonObject {
  const present = names.filter((name) => query[name] !== undefined)
  return Object.fromEntries(present.map((name) => [name, read(query[name])]))
}

// What is no number stays text, which the check of the input refuses by name.
function numberIn(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value
}

function without(body: JsonObject, names: readonly string[]): JsonObject {
  if (names.length === 0) return body
  return Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name)))
}
