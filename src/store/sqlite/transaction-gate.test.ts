import { expect, test } from 'vitest'
import { TransactionGate } from './transaction-gate.ts'

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  return { promise: promise.then(() => undefined), resolve: () => resolve(undefined) }
}

/** Starts work that ends when told to, and notes when it began. */
function recorder() {
  const started: string[] = []
  const work = (name: string, until: Promise<void> = Promise.resolve()) => {
    return () => {
      started.push(name)
      return until
    }
  }
  return { started, work }
}

test('lets single statements go through together', () => {
  const gate = new TransactionGate(10)
  const { started, work } = recorder()
  const never = deferred().promise
  void gate.pass(work('first', never))
  void gate.pass(work('second', never))
  expect(started).toEqual(['first', 'second'])
})

test('keeps everybody out of a transaction until it is released, then goes on in order', async () => {
  const gate = new TransactionGate(10)
  const { started, work } = recorder()
  await gate.hold(work('begin 1'))
  const rest = [gate.pass(work('read 1')), gate.hold(work('begin 2')), gate.pass(work('read 2'))]
  expect(started).toEqual(['begin 1'])
  gate.release()
  expect(started).toEqual(['begin 1', 'read 1', 'begin 2'])
  gate.release()
  expect(started).toEqual(['begin 1', 'read 1', 'begin 2', 'read 2'])
  await Promise.all(rest)
})

test('is free again when a transaction could not begin', async () => {
  const gate = new TransactionGate(10)
  await expect(gate.hold(() => Promise.reject(new Error('disk')))).rejects.toThrow('disk')
  await expect(gate.pass(() => Promise.resolve('in'))).resolves.toBe('in')
})

test('refuses more than its bound, and takes new ones once old ones are done', async () => {
  const gate = new TransactionGate(2)
  const slow = deferred()
  const running = [gate.pass(() => slow.promise), gate.pass(() => slow.promise)]
  await expect(gate.pass(() => Promise.resolve())).rejects.toMatchObject({ code: 'STORE_BUSY' })
  await expect(gate.hold(() => Promise.resolve())).rejects.toMatchObject({ code: 'STORE_BUSY' })
  slow.resolve()
  await Promise.all(running)
  await expect(gate.hold(() => Promise.resolve('held'))).resolves.toBe('held')
})
