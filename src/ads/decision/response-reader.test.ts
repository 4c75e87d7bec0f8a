import { afterAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import { readAdResponse } from '../../media/vast/ad-response.ts'
import { ReadingThread } from './reading-thread.ts'
import { ResponseReader } from './response-reader.ts'
import { SessionMarks } from './session-marks.ts'
import { TurnBudget } from './turn-budget.ts'

const thread = new ReadingThread()
afterAll(() => thread.close())

const readerOf = () => new ResponseReader(thread, new TurnBudget(systemClock, 5))
const NOBODY = new SessionMarks([])

function vastFor(session: string, adCount = 1): Buffer {
  const ads = Array.from(
    { length: adCount },
    (_, index) => `<Ad id="ad-${index}"><InLine><AdSystem>Tést</AdSystem><AdTitle>${session}</AdTitle>
      <Impression><![CDATA[https://t.example.com/i?s=${session}&n=${index}]]></Impression>
      <Creatives><Creative id="c"><Linear><Duration>00:00:10</Duration><MediaFiles>
      <MediaFile delivery="progressive" type="video/mp4"><![CDATA[https://cdn.example.com/${session}/a.mp4]]></MediaFile>
      </MediaFiles></Linear></Creative></Creatives></InLine></Ad>`,
  )
  return Buffer.from(`<VAST version="4.0">${ads.join('')}</VAST>`)
}

const SESSIONS = ['8c5f6a54-2f65-4a9c-9a3b-0d4b2a6d8e11', '11111111-2f65-4a9c-9a3b-ABCDEF6d8e11']

describe('equal answers', () => {
  test('are read once, also when they come at the same time', async () => {
    const reader = readerOf()
    const body = vastFor('nobody')
    const [one, other] = await Promise.all([
      reader.read(body, NOBODY),
      reader.read(Buffer.from(body), NOBODY),
    ])
    expect(one).toEqual(readAdResponse(body))
    expect(other).toBe(one)
    expect(reader.readings).toBe(1)
  })

  test('are those too that differ only in the session, and each session gets its own', async () => {
    const reader = readerOf()
    for (const session of SESSIONS) {
      const marks = new SessionMarks([session])
      const response = await reader.read(vastFor(session), marks)
      expect(marks.unmark(response)).toEqual(readAdResponse(vastFor(session)))
    }
    expect(reader.readings).toBe(1)
  })

  test('are not kept beyond a bound', async () => {
    const reader = readerOf()
    const bodies = Array.from({ length: 10 }, (_, index) => vastFor(`nobody-${index}`, 2500))
    expect(bodies[0]!.length * 10).toBeGreaterThan(8_388_608)
    for (const body of bodies) await reader.read(body, NOBODY)
    await reader.read(bodies[9]!, NOBODY)
    expect(reader.readings).toBe(10)
    await reader.read(bodies[0]!, NOBODY)
    expect(reader.readings).toBe(11)
  })
})

test('values that could be a number or a name of the format are no marks', () => {
  const text = '<Duration>00:00:10</Duration> linear 10 a b/c?d'
  expect(new SessionMarks(['10', 'linear', 'a b/c?d and more of this']).mark(text)).toBe(text)
})

test('a large answer is read on a thread, with the same result and without holding up this one', async () => {
  const body = vastFor('nobody', 1500)
  expect(body.length).toBeGreaterThan(500_000)
  const here = readAdResponse(body)
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  const response = await readerOf().read(body, NOBODY)
  clearInterval(timer)
  expect(response).toEqual(JSON.parse(JSON.stringify(here)))
  expect(turns).toBeGreaterThan(0)
})

test('a thread that ends fails those that wait, and is replaced', async () => {
  const own = new ReadingThread()
  const first = own.read(vastFor('nobody', 500))
  const failed = expect(first).rejects.toThrow('the reading thread ended')
  await own.close()
  await failed
  await expect(own.read(vastFor('nobody'))).resolves.toMatchObject({ kind: 'vast' })
  await own.close()
})

test('a burst of jobs is spread over turns of the event loop', async () => {
  let nowMs = 0
  const budget = new TurnBudget({ monotonicMs: () => nowMs }, 5)
  const turns: number[] = []
  let turn = 0
  const count = (): void => {
    turn++
    if (turns.length < 6) setImmediate(count)
  }
  const jobs = Array.from({ length: 6 }, () => budget.run(() => ((nowMs += 2), turns.push(turn))))
  setImmediate(count)
  await Promise.all(jobs)
  expect(new Set(turns).size).toBe(2)
})
