import { describe, expect, test } from 'vitest'
import { planLadder } from '../domain/ladder-policy.ts'
import type { ChannelType, TranscodePreset } from '../domain/channel.ts'
import { encodedTracks } from './encoded-track.ts'
import { ladderArguments, type LadderPlan } from './ladder-arguments.ts'
import { VIDEO_ENCODERS } from './video-encoders.ts'

const X264 = { encoder: 'libx264', x264Preset: 'veryfast' } as const

function plan(
  channel: { type: ChannelType; preset: TranscodePreset },
  source: { width: number; height: number; frameRate: number },
  fields: Partial<Omit<LadderPlan, 'outputs'>> & { readonly resumeMs?: number } = {},
): LadderPlan {
  const rungs = planLadder({ ...channel, ...source, hasAudio: true })
  const resume = fields.resumeMs === undefined ? undefined : { fromMs: fields.resumeMs }
  return {
    outputs: encodedTracks(rungs).map((track) => ({ track, resume })),
    keyframes: fields.keyframes ?? 'source',
    encoder: fields.encoder ?? X264,
    firstPicture: fields.firstPicture ?? { ptsMs: 1000, indexInCell: 0 },
  }
}

/** A line for the input and one for each output. */
function printed(arranged: LadderPlan): string {
  return `${ladderArguments(arranged)
    .join(' ')
    .replace('-i pipe:0 ', '-i pipe:0\n')
    .replaceAll(/ (pipe:[3-9]) /g, ' $1\n')}\n`
}

const STANDARD = { type: 'STANDARD', preset: '' } as const
const ADVANCED_HD = { type: 'ADVANCED_HD', preset: 'CONSTRAINED_BANDWIDTH_DELIVERY' } as const
const FULL_HD_60 = { width: 1920, height: 1080, frameRate: 60 }

const LADDERS = [
  { name: 'standard-1080p60', channel: STANDARD, source: FULL_HD_60 },
  {
    name: 'standard-portrait-720p25',
    channel: STANDARD,
    source: { width: 720, height: 1280, frameRate: 25 },
  },
  { name: 'advanced-hd-1080p60', channel: ADVANCED_HD, source: FULL_HD_60, keyframes: 'own' as const },
]

describe('the command line of a ladder', () => {
  test.each(LADDERS)('is that of golden/$name', async ({ name, channel, source, ...fields }) => {
    await expect(printed(plan(channel, source, fields))).toMatchFileSnapshot(`golden/${name}.txt`)
  })

  test.each(VIDEO_ENCODERS)('speaks the options of %s', async (encoder) => {
    const arranged = plan(
      STANDARD,
      { width: 640, height: 360, frameRate: 30 },
      { encoder: { ...X264, encoder } },
    )
    await expect(printed(arranged)).toMatchFileSnapshot(`golden/${encoder}.txt`)
  })

  test('of a child that goes on for another begins every output where it is missing', async () => {
    const arranged = plan(ADVANCED_HD, FULL_HD_60, {
      ...{ keyframes: 'own', resumeMs: 12_345.5 },
      firstPicture: { ptsMs: 11_017, indexInCell: 61 },
    })
    await expect(printed(arranged)).toMatchFileSnapshot('golden/advanced-hd-1080p60-resumed.txt')
  })

  test('holds nothing that a shell would have to read: every value is its own argument', () => {
    for (const argument of ladderArguments(plan(STANDARD, FULL_HD_60))) expect(argument).not.toMatch(/[\s"]/)
  })
})
