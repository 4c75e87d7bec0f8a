import { describe, expect, test } from 'vitest'
import { buildPatPacket, buildPmtPacket, TS_PID, TS_STREAM_TYPE } from './psi.ts'

describe('program tables', () => {
  test('the PAT is the section every decoder has seen, checksum included', () => {
    const packet = buildPatPacket()
    expect(packet.toString('hex', 0, 21)).toBe('474000100000b00d0001c100000001f0002ab104b2')
    expect(packet.subarray(21).every((byte) => byte === 0xff)).toBe(true)
    expect(packet.length).toBe(188)
  })

  test('the PMT names both streams and the PID of the clock', () => {
    const streams = [
      { streamType: TS_STREAM_TYPE.avc, pid: TS_PID.video },
      { streamType: TS_STREAM_TYPE.adtsAac, pid: TS_PID.audio },
    ]
    const packet = buildPmtPacket({ streams, clockPid: TS_PID.video, version: 0 })
    expect(packet.toString('hex', 0, 31)).toBe(
      '475000100002b0170001c10000e100f0001be100f0000fe101f0002f44b99b',
    )
  })

  test('the PMT version counts modulo 32 and changes the checksum', () => {
    const versionBits = [0, 1, 31, 32].map((version) =>
      buildPmtPacket({ streams: [], clockPid: TS_PID.audio, version }).readUInt8(10),
    )
    expect(versionBits).toEqual([0xc1, 0xc3, 0xff, 0xc1])
  })
})
