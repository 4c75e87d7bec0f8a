import { expect, test } from 'vitest'
import { SAMPLE_AUDIO, SAMPLE_VIDEO, SMALL_VIDEO } from '../../test/harness/media/sample-tracks.ts'
import type { AccessUnit, VideoTrack } from '../media/access-unit.ts'
import { IngestMeter } from './ingest-meter.ts'

const UNTIMED_VIDEO: VideoTrack = { kind: 'video', avc: { ...SAMPLE_VIDEO.avc, frameRate: undefined } }

function unit(kind: 'video' | 'audio', dtsTicks: number, bytes: number): AccessUnit {
  return { kind, dtsTicks, ptsTicks: dtsTicks, keyframe: true, data: new Uint8Array(bytes) }
}

test('knows nothing before the first track', () => {
  expect(new IngestMeter().describe()).toBeUndefined()
})

test('shows what was announced, of facts announced twice the later', () => {
  const meter = new IngestMeter()
  meter.announce({ encoder: 'first', videoBitrateBps: 3_500_000, frameRate: 25 })
  meter.announce({ encoder: 'second', audioBitrateBps: 160_000 })
  meter.setTrack(SAMPLE_VIDEO)
  meter.setTrack(SAMPLE_AUDIO)
  expect(meter.describe()).toEqual({
    videos: [
      {
        codec: 'avc1.64000D',
        profile: 'High',
        level: '1.3',
        width: 320,
        height: 180,
        frameRate: 25,
        bitrateBps: 3_500_000,
        encoder: 'second',
      },
    ],
    audios: [{ codec: 'mp4a.40.2', channels: 2, sampleRate: 48_000, bitrateBps: 160_000 }],
  })
})

test('measures bitrate and frame rate where nothing is announced', () => {
  const meter = new IngestMeter()
  meter.setTrack(UNTIMED_VIDEO)
  meter.setTrack(SAMPLE_AUDIO)
  // 50 pictures of 2,500 bytes a second, and 125 bytes of audio every 8 ms.
  for (let i = 0; i < 100; i++) meter.count(unit('video', 90_000 + i * 1800, 2500))
  for (let i = 0; i < 250; i++) meter.count(unit('audio', 90_000 + i * 720, 125))
  const [video] = meter.describe()?.videos ?? []
  expect([video?.frameRate, video?.bitrateBps]).toEqual([50, 1_000_000])
  expect(meter.describe()?.audios[0]?.bitrateBps).toBe(125_000)
})

test('leaves out what cannot be measured yet, and believes the parameter sets about the frame rate', () => {
  const meter = new IngestMeter()
  meter.setTrack(SAMPLE_VIDEO)
  meter.count(unit('video', 90_000, 2500))
  expect(meter.describe()).toMatchObject({ videos: [{ frameRate: 30, bitrateBps: undefined }], audios: [] })
})

test('describes the newest track', () => {
  const meter = new IngestMeter()
  meter.setTrack(SAMPLE_VIDEO)
  meter.setTrack(SMALL_VIDEO)
  expect(meter.describe()).toMatchObject({ videos: [{ width: 64, height: 64 }] })
})
