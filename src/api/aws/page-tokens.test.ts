import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createPageTokens } from './page-tokens.ts'

const keptSecret = (fill: number) => ({ getOrCreate: () => Promise.resolve(new Uint8Array(32).fill(fill)) })
const tokens = createPageTokens(keptSecret(1))
const SCOPE = { operation: 'ListChannels', accountId: '000000000000', filter: { name: 'cam' } }
const REFUSAL = { code: 'VALIDATION' }

test('gives back the cursor it was made from, also after a restart', async () => {
  const token = await tokens.write(SCOPE, '17 arn')
  expect(token).toMatch(/^[a-zA-Z0-9_-]+$/)
  expect(await tokens.read(SCOPE, token)).toBe('17 arn')
  expect(await createPageTokens(keptSecret(1)).read(SCOPE, token)).toBe('17 arn')
})

test.each([undefined, ''])('%j is the first page', async (token) => {
  expect(await tokens.read(SCOPE, token)).toBeUndefined()
})

test.each([
  { ...SCOPE, operation: 'ListStreams' },
  { ...SCOPE, accountId: '111111111111' },
  { ...SCOPE, filter: {} },
  { ...SCOPE, filter: { name: 'other' } },
  { ...SCOPE, filter: { name: 'cam', health: 'HEALTHY' } },
])('is no good for %o', async (scope) => {
  await expect(tokens.read(scope, await tokens.write(SCOPE, 'c'))).rejects.toMatchObject(REFUSAL)
})

test('filters that are absent and undefined are alike, in whatever order', async () => {
  const token = await tokens.write({ ...SCOPE, filter: { a: '1', b: '2', c: undefined } }, 'c')
  expect(await tokens.read({ ...SCOPE, filter: { b: '2', a: '1' } }, token)).toBe('c')
})

test('is no good for a server with another secret', async () => {
  const token = await tokens.write(SCOPE, 'c')
  await expect(createPageTokens(keptSecret(2)).read(SCOPE, token)).rejects.toMatchObject(REFUSAL)
})

test('no altered or made-up token is good', async () => {
  const good = await tokens.write(SCOPE, 'cursor')
  const altered = fc
    .tuple(fc.nat(good.length - 1), fc.constantFrom(...'ABcd01_-'.split('')))
    .map(([index, character]) => good.slice(0, index) + character + good.slice(index + 1))
  await fc.assert(
    fc.asyncProperty(fc.oneof(altered, fc.stringMatching(/^[a-zA-Z0-9+/=_-]{1,60}$/)), async (token) => {
      fc.pre(!Buffer.from(token, 'base64url').equals(Buffer.from(good, 'base64url')))
      await expect(tokens.read(SCOPE, token)).rejects.toMatchObject(REFUSAL)
    }),
  )
})

test('asks for its secret again when it could not be read', async () => {
  let calls = 0
  const flaky = createPageTokens({
    getOrCreate: () =>
      calls++ === 0 ? Promise.reject(new Error('busy')) : Promise.resolve(new Uint8Array(32)),
  })
  await expect(flaky.write(SCOPE, 'c')).rejects.toThrow('busy')
  expect(await flaky.read(SCOPE, await flaky.write(SCOPE, 'c'))).toBe('c')
})
