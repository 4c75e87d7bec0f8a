import { expect, test } from 'vitest'
import type { AccessUnit } from '../media/access-unit.ts'
import { ArrivalWindow } from './arrival-window.ts'

function unit(kind: 'video' | 'audio', dtsMs: number, bytes: number): AccessUnit {
  const dtsTicks = dtsMs * 90
  return { kind, dtsTicks, ptsTicks: dtsTicks, keyframe: true, data: new Uint8Array(bytes) }
}

test('is empty before the first unit, however long that takes', () => {
  const window = new ArrivalWindow()
  window.closeSlice(60_000)
  expect(window.last(5000)).toEqual({ elapsedMs: 0, mediaMs: 0, bytes: 0, pictures: 0 })
})

test('sums bytes of both kinds, pictures, and both times, from the first unit on', () => {
  const window = new ArrivalWindow()
  window.count(unit('video', 0, 100), 10_000)
  window.count(unit('audio', 20, 10), 10_020)
  window.closeSlice(11_000)
  window.count(unit('video', 1200, 200), 11_500)
  window.count(unit('audio', 1100, 10), 11_510)
  window.closeSlice(12_250)
  expect(window.last(5000)).toEqual({ elapsedMs: 2250, mediaMs: 1200, bytes: 320, pictures: 2 })
  expect(window.last(1000)).toEqual({ elapsedMs: 1250, mediaMs: 1180, bytes: 210, pictures: 1 })
})

test('leaves out what has not been closed, and keeps only the newest slices', () => {
  const window = new ArrivalWindow()
  for (let second = 0; second < 100; second++) {
    window.count(unit('video', second * 1000, 1), second * 1000)
    window.closeSlice((second + 1) * 1000)
  }
  window.count(unit('video', 100_000, 1), 100_000)
  expect(window.last(10_000)).toMatchObject({ elapsedMs: 10_000, pictures: 10 })
  expect(window.last(Infinity)).toMatchObject({ elapsedMs: 16_000, pictures: 16 })
})
