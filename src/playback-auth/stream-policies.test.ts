import { expect, test } from 'vitest'
import { authorizationFixture } from './authorization-fixture.ts'

test('a change of the policy waits for the next stream', async () => {
  const fixture = authorizationFixture()
  const stream = fixture.streamWithPolicy({ allowedCountries: ['DE'] })
  const { playbackRestrictionPolicyArn: arn } = stream.channel
  const before = await fixture.policies.of(stream)
  fixture.changePolicy(arn, { allowedCountries: ['FR'] })
  expect(await fixture.policies.of(stream)).toBe(before)
  const next = { ...stream, streamId: 'st-next' }
  fixture.policies.begin(next)
  expect((await fixture.policies.of(next))?.allowedCountries).toEqual(['FR'])
})

test('viewers wait while the policy is loaded, all for one look', async () => {
  const fixture = authorizationFixture()
  const stream = fixture.streamWithPolicy({ allowedCountries: ['DE'] })
  expect(fixture.policies.loaded(stream)).toBeUndefined()
  const [first, second] = await Promise.all([fixture.policies.of(stream), fixture.policies.of(stream)])
  expect(first).toBeDefined()
  expect(second).toBe(first)
  expect(fixture.policies.loaded(stream)).toBe(first)
})

test('the tail of an ended stream keeps its policy for ten minutes', async () => {
  const fixture = authorizationFixture()
  const stream = fixture.streamWithPolicy({ enableStrictOriginEnforcement: true })
  await fixture.policies.of(stream)
  fixture.policies.end(stream.streamId)
  fixture.clock.advance(599_999)
  expect(fixture.policies.loaded(stream)).toBeDefined()
  fixture.clock.advance(1)
  expect(fixture.policies.loaded(stream)).toBeUndefined()
})

test('a policy that is not there lets nobody in', async () => {
  const fixture = authorizationFixture()
  const channel = fixture.makeChannel({
    playbackRestrictionPolicyArn: 'arn:aws:ivs:us-west-2:000000000000:playback-restriction-policy/gone',
  })
  const stream = { streamId: 'st-1', channel }
  fixture.policies.begin(stream)
  await expect(fixture.policies.of(stream)).rejects.toThrow('is not there')
})

test('a stream that never began here has no rules to be let in by', async () => {
  const fixture = authorizationFixture()
  const { channel } = fixture.streamWithPolicy({})
  await expect(fixture.policies.of({ streamId: 'st-unknown', channel })).rejects.toThrow('never began')
})
