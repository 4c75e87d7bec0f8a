import { describe, expect, test } from 'vitest'
import { TransactionGate } from './transaction-gate.ts'

/** A connection that notes what it is sent; statements named in `failing` are refused. */
function recorder(failing: readonly string[] = []) {
  const sent: string[] = []
  const run = (sql: string): Promise<void> => {
    sent.push(sql)
    return failing.includes(sql) ? Promise.reject(new Error(`${sql} failed`)) : Promise.resolve()
  }
  return { sent, run, runInside: run }
}

const MEMBER = ['savepoint member', 'release member']

describe('statements', () => {
  test('go through together', () => {
    const connection = recorder()
    const gate = new TransactionGate(connection, 10)
    void gate.pass(() => connection.run('read 1'))
    void gate.pass(() => connection.run('read 2'))
    expect(connection.sent).toEqual(['read 1', 'read 2'])
  })

  test('wait while a transaction is open, and see nothing before its commit', async () => {
    const connection = recorder()
    const gate = new TransactionGate(connection, 10)
    await gate.enter()
    const read = gate.pass(() => connection.run('read'))
    expect(connection.sent).toEqual(['begin immediate', 'savepoint member'])
    await gate.keep()
    await read
    expect(connection.sent).toEqual(['begin immediate', ...MEMBER, 'commit', 'read'])
  })
})

describe('transactions', () => {
  test('that wait for each other share one commit, in the order they came', async () => {
    const connection = recorder()
    const gate = new TransactionGate(connection, 10)
    const work = async (name: string): Promise<void> => {
      await gate.enter()
      await connection.runInside(name)
      await gate.keep()
    }
    await Promise.all(['write 1', 'write 2', 'write 3'].map(work))
    const [before, after] = MEMBER
    expect(connection.sent).toEqual([
      'begin immediate',
      ...['write 1', 'write 2', 'write 3'].flatMap((name) => [before, name, after]),
      'commit',
    ])
  })

  test('that come one by one are committed one by one', async () => {
    const connection = recorder()
    const gate = new TransactionGate(connection, 10)
    for (let count = 0; count < 2; count++) {
      await gate.enter()
      await gate.keep()
    }
    expect(connection.sent.filter((sql) => sql === 'commit')).toHaveLength(2)
  })

  test('that come while a commit is under way make the next group together', async () => {
    const firstCommit = Promise.withResolvers<undefined>()
    const connection = recorder()
    let commits = 0
    const runInside = (sql: string): Promise<unknown> => {
      const answer = connection.run(sql)
      return sql === 'commit' && ++commits === 1 ? firstCommit.promise : answer
    }
    const gate = new TransactionGate({ ...connection, runInside }, 10)
    const work = async (): Promise<void> => {
      await gate.enter()
      await gate.keep()
    }
    const all = [work()]
    await new Promise((resolve) => setImmediate(resolve))
    all.push(work(), work())
    await gate.pass(() => connection.run('read'))
    expect(connection.sent).toEqual(['begin immediate', ...MEMBER, 'commit', 'read'])
    firstCommit.resolve(undefined)
    await Promise.all(all)
    expect(connection.sent.slice(5)).toEqual(['begin immediate', ...MEMBER, ...MEMBER, 'commit'])
  })

  test('hold statements off for a bounded number of them', async () => {
    const connection = recorder()
    const gate = new TransactionGate(connection, 1000)
    const writes = Array.from({ length: 200 }, async () => {
      await gate.enter()
      await gate.keep()
    })
    void gate.pass(() => connection.run('read'))
    await Promise.all(writes)
    const before = connection.sent.slice(0, connection.sent.indexOf('read'))
    expect(before.filter((sql) => sql === 'savepoint member')).toHaveLength(64)
  })

  test('are answered by the commit of their group: all of them, also the one that undid its part', async () => {
    const answers = Promise.withResolvers<undefined>()
    const connection = recorder()
    const gate = new TransactionGate(
      { ...connection, runInside: (sql) => (sql === 'commit' ? answers.promise : connection.run(sql)) },
      10,
    )
    const answered: string[] = []
    const work = async (name: 'keep' | 'undo'): Promise<void> => {
      await gate.enter()
      await gate[name]()
      answered.push(name)
    }
    const both = [work('undo'), work('keep')]
    // One more turn of the event loop than any answer without the commit would need.
    await new Promise((resolve) => setImmediate(resolve))
    expect(connection.sent).toContain('rollback to member')
    expect(answered).toEqual([])
    answers.resolve(undefined)
    await Promise.all(both)
    expect(answered.sort()).toEqual(['keep', 'undo'])
  })

  test('fail together when their commit fails, and leave the gate open', async () => {
    const connection = recorder(['commit'])
    const gate = new TransactionGate(connection, 10)
    const work = async (): Promise<void> => {
      await gate.enter()
      await gate.keep()
    }
    const outcomes = await Promise.allSettled([work(), work()])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await expect(gate.pass(() => connection.run('read'))).resolves.toBeUndefined()
  })

  test('fail when the group could not begin', async () => {
    const gate = new TransactionGate(recorder(['begin immediate']), 10)
    await gate.enter()
    await expect(gate.keep()).rejects.toThrow('begin immediate failed')
  })
})

test('refuses more than its bound, and takes new ones once old ones are done', async () => {
  const connection = recorder()
  const gate = new TransactionGate(connection, 2)
  const slow = Promise.withResolvers<undefined>()
  await gate.enter()
  const running = gate.pass(() => slow.promise)
  await expect(gate.pass(() => connection.run('read'))).rejects.toMatchObject({ code: 'STORE_BUSY' })
  await expect(gate.enter()).rejects.toMatchObject({ code: 'STORE_BUSY' })
  await gate.keep()
  slow.resolve(undefined)
  await running
  await gate.enter()
  await gate.undo()
  await expect(gate.pass(() => connection.run('read'))).resolves.toBeUndefined()
})
