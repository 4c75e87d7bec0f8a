/**
 * The contract as the SDK for JavaScript carries it.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import * as sdk from '@aws-sdk/client-ivs'
import type { ContractNames } from './parity.ts'

// Tuples: [9, namespace, name, traits, input, output] for an operation, [3, namespace, name, traits, members, …] for a
// structure, with -3 for an error.
const OPERATION = 9
const STRUCTURE = 3
const COMMANDS = resolve(import.meta.dirname, '../../node_modules/@aws-sdk/client-ivs/dist-types/commands')

type Shape = readonly [kind: number, namespace: string, name: string, traits: unknown, ...rest: unknown[]]

/** Operations, members and errors. */
export function sdkContract(): ContractNames {
  const shapes = Object.entries(sdk)
    .filter(([name, value]) => name.endsWith('$') && Array.isArray(value))
    .map(([, value]) => value as unknown as Shape)
  const operations = shapes
    .filter(([kind]) => kind === OPERATION)
    .map(([, , name, , input, output]) => {
      const named = { request: membersOf(input), answer: membersOf(output), errors: modelledErrors(name) }
      return [name, named] as const
    })
  const objects = shapes
    .filter(([kind, , name]) => kind === STRUCTURE && !/(Request|Response)$/.test(name))
    .map((shape) => [shape[2], membersOf(() => shape)] as const)
  return { operations: Object.fromEntries(operations), objects: Object.fromEntries(objects) }
}

// An operation without an answer has `unit` in its place.
function membersOf(shape: unknown): readonly string[] {
  const found = (shape as () => unknown)()
  return Array.isArray(found) ? (found as [0, 0, 0, 0, readonly string[]])[4] : []
}

// Errors of operations are not in the schema, only in the declarations of the commands.
function modelledErrors(operation: string): readonly string[] {
  const text = readFileSync(resolve(COMMANDS, `${operation}Command.d.ts`), 'utf8')
  return [...text.matchAll(/@throws \{@link (\w+)\} \(/g)].map(([, name = '']) => name)
}
