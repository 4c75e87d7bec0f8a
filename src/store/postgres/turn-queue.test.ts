import { expect, test } from 'vitest'
import { TurnQueue } from './turn-queue.ts'

/** Work that notes when it starts and ends when told to. */
function recorder() {
  const started: string[] = []
  const ends = new Map<string, PromiseWithResolvers<string>>()
  const work = (name: string) => () => {
    started.push(name)
    const end = Promise.withResolvers<string>()
    ends.set(name, end)
    return end.promise
  }
  return {
    started,
    work,
    end: (name: string) => ends.get(name)?.resolve(name),
    fail: (name: string) => ends.get(name)?.reject(new Error(name)),
  }
}

const laterTurn = () => new Promise((resolve) => setImmediate(resolve))

test('runs one after the other what has the same turn, and side by side what has not', async () => {
  const queue = new TurnQueue(10)
  const { started, work, end } = recorder()
  const all = [queue.take('x', work('x1')), queue.take('x', work('x2')), queue.take('y', work('y1'))]
  await laterTurn()
  expect(started).toEqual(['x1', 'y1'])
  end('x1')
  await laterTurn()
  expect(started).toEqual(['x1', 'y1', 'x2'])
  end('x2')
  end('y1')
  expect(await Promise.all(all)).toEqual(['x1', 'x2', 'y1'])
})

test('goes on after work that failed, and hands its error to whoever asked for it', async () => {
  const queue = new TurnQueue(10)
  const { started, work, end, fail } = recorder()
  const first = queue.take('x', work('x1'))
  const second = queue.take('x', work('x2'))
  await laterTurn()
  fail('x1')
  await expect(first).rejects.toThrow('x1')
  await laterTurn()
  expect(started).toEqual(['x1', 'x2'])
  end('x2')
  expect(await second).toBe('x2')
})

test('refuses more than its bound, and takes new ones once old ones are done', async () => {
  const queue = new TurnQueue(2)
  const { work, end } = recorder()
  const running = [queue.take('x', work('x1')), queue.take('x', work('x2'))]
  await expect(queue.take('y', work('y1'))).rejects.toMatchObject({ code: 'STORE_BUSY' })
  await laterTurn()
  end('x1')
  await laterTurn()
  end('x2')
  await Promise.all(running)
  const next = queue.take('x', work('x3'))
  await laterTurn()
  end('x3')
  expect(await next).toBe('x3')
})
