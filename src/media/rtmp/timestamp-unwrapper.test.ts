import { expect, test } from 'vitest'
import { TimestampUnwrapper } from './timestamp-unwrapper.ts'

test.each([
  ['forward over the wrap', [0xff_ff_ff_f0, 0x10], [4_294_967_280, 4_294_967_312]],
  ['back over the wrap', [0x10, 0xff_ff_ff_f0], [16, -16]],
  [
    'over the wrap twice',
    [0, 0x7f_ff_ff_ff, 0xff_ff_ff_fe, 0x7f_ff_ff_fd, 0xff_ff_ff_fc],
    [0, 2 ** 31 - 1, 2 ** 32 - 2, 2 ** 32 + 2 ** 31 - 3, 2 ** 33 - 4],
  ],
  ['back to zero when an encoder restarts its clock', [3_600_000, 0, 40], [3_600_000, 0, 40]],
])('goes %s', (_name, timestamps, expected) => {
  const time = new TimestampUnwrapper()
  expect(timestamps.map((one) => time.unwrap(one))).toEqual(expected)
})
