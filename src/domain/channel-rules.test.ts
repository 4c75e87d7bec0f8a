import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Channel } from './channel.ts'
import { changeChannel, newChannel } from './channel-rules.ts'
import type { ChannelSettings } from './channel-rules.ts'
import { DomainError } from './errors.ts'

const BIRTH = { region: 'eu-west-1', accountId: '123456789012', nowMs: 42 }

test('a new channel has the documented defaults and identifiers of the documented form', () => {
  const { arn, id, srtPassphrase, ...rest } = newChannel(BIRTH, {})
  expect(id).toMatch(/^[a-zA-Z0-9]{12}$/)
  expect(arn).toBe(`arn:aws:ivs:eu-west-1:123456789012:channel/${id}`)
  expect(srtPassphrase).toMatch(/^[a-zA-Z0-9]{69}$/)
  expect(rest).toEqual({
    accountId: '123456789012',
    name: '',
    latencyMode: 'LOW',
    type: 'STANDARD',
    preset: '',
    authorized: false,
    insecureIngest: false,
    containerFormat: 'TS',
    multitrackInput: { enabled: false, policy: 'ALLOW', maximumResolution: 'FULL_HD' },
    recordingConfigurationArn: '',
    playbackRestrictionPolicyArn: '',
    adConfigurationArn: '',
    tags: {},
    createdAtMs: 42,
  })
})

test('no two channels share an identifier or a passphrase', () => {
  const many = Array.from({ length: 200 }, () => newChannel(BIRTH, {}))
  expect(new Set(many.map((channel) => channel.arn)).size).toBe(200)
  expect(new Set(many.map((channel) => channel.srtPassphrase)).size).toBe(200)
})

test('keeps what a disabled multitrack input says about itself', () => {
  const { multitrackInput } = newChannel(BIRTH, { multitrackInput: { policy: 'REQUIRE' } })
  expect(multitrackInput).toEqual({ enabled: false, policy: 'REQUIRE', maximumResolution: 'FULL_HD' })
})

test('a multitrack channel may be changed in other ways without saying it all again', () => {
  const channel = newChannel(BIRTH, {
    containerFormat: 'FRAGMENTED_MP4',
    multitrackInput: { enabled: true, policy: 'ALLOW', maximumResolution: 'HD' },
  })
  expect(changeChannel(channel, { name: 'new' }).name).toBe('new')
})

const settings: fc.Arbitrary<ChannelSettings> = fc.record(
  {
    type: fc.constantFrom('BASIC', 'STANDARD', 'ADVANCED_SD', 'ADVANCED_HD'),
    preset: fc.constantFrom('HIGHER_BANDWIDTH_DELIVERY', 'CONSTRAINED_BANDWIDTH_DELIVERY'),
    containerFormat: fc.constantFrom('TS', 'FRAGMENTED_MP4'),
    adConfigurationArn: fc.constantFrom('', 'ad'),
    multitrackInput: fc.record(
      {
        enabled: fc.boolean(),
        policy: fc.constantFrom('ALLOW', 'REQUIRE'),
        maximumResolution: fc.constantFrom('SD', 'HD', 'FULL_HD'),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
)

function attempt(change: () => Channel): Channel | 'refused' {
  try {
    return change()
  } catch (error) {
    if (error instanceof DomainError && error.code === 'VALIDATION') return 'refused'
    throw error
  }
}

test('no way of creating and changing leads to a channel that breaks a rule', () => {
  fc.assert(
    fc.property(settings, fc.array(settings, { maxLength: 5 }), (first, changes) => {
      const created = attempt(() => newChannel(BIRTH, first))
      if (created === 'refused') return
      let channel = created
      for (const change of changes) {
        const changed = attempt(() => changeChannel(channel, change))
        if (changed !== 'refused') channel = changed
      }
      const { type, preset, containerFormat, adConfigurationArn, multitrackInput } = channel
      expect(preset !== '').toBe(type.startsWith('ADVANCED'))
      if (adConfigurationArn !== '') expect(containerFormat).toBe('TS')
      if (multitrackInput.enabled) expect([type, containerFormat]).toEqual(['STANDARD', 'FRAGMENTED_MP4'])
    }),
  )
})
