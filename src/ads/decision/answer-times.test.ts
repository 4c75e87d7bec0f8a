import { expect, test } from 'vitest'
import { AnswerTimes } from './answer-times.ts'
import { testSettings } from './decision-fixture.ts'

const ACCOUNT = '123456789012'
const SETTINGS = testSettings({ requestTimeoutMs: 3000 })

const answerAfter = (latencyMs: number) => ({ outcome: 'answered', latencyMs }) as const

test('an ad server that nobody has asked yet is given its whole timeout', () => {
  expect(new AnswerTimes().reserveMs(ACCOUNT, SETTINGS)).toBe(3000)
})

test('one that answers quickly is given a second, a slower one several times what it took', () => {
  const times = new AnswerTimes()
  times.observe(ACCOUNT, SETTINGS, answerAfter(100))
  expect(times.reserveMs(ACCOUNT, SETTINGS)).toBe(1000)
  times.observe(ACCOUNT, SETTINGS, answerAfter(400))
  expect(times.reserveMs(ACCOUNT, SETTINGS)).toBe(2000)
})

test('one that did not answer is given its whole timeout again, until thousands of answers were quick', () => {
  const times = new AnswerTimes()
  times.observe(ACCOUNT, SETTINGS, { outcome: 'timeout', latencyMs: 3000 })
  times.observe(ACCOUNT, SETTINGS, answerAfter(100))
  expect(times.reserveMs(ACCOUNT, SETTINGS)).toBe(3000)
  for (let answers = 0; answers < 5000; answers++) times.observe(ACCOUNT, SETTINGS, answerAfter(100))
  expect(times.reserveMs(ACCOUNT, SETTINGS)).toBe(1000)
})

test('each configuration of each account is known for itself', () => {
  const times = new AnswerTimes()
  times.observe(ACCOUNT, SETTINGS, answerAfter(100))
  expect(times.reserveMs('210987654321', SETTINGS)).toBe(3000)
  expect(times.reserveMs(ACCOUNT, { ...SETTINGS, configurationName: 'other' })).toBe(3000)
})
