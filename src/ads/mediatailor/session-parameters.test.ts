import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parametersOfBody, parametersOfQuery, type ReadParameters } from './session-parameters.ts'

const query = (text: string): ReadParameters => parametersOfQuery(new URLSearchParams(text), 'implicit')
const body = (value: unknown): ReadParameters => parametersOfBody(JSON.stringify(value))

test('an implicit session says all in its query, and reports through the server (ssai §3.1)', () => {
  expect(query('ads.zone=north%20west&manifest.k=v&aws.insertionMode=GUIDED&token=t&other=x&ads.=y')).toEqual(
    {
      kind: 'read',
      parameters: {
        playerParams: { zone: 'north west' },
        manifestParams: { k: 'v' },
        reportingMode: 'SERVER',
        isGuided: true,
        isGuidedAhead: false,
        token: 't',
        suppression: undefined,
      },
    },
  )
})

test('an explicit session reports by itself unless it says otherwise (ssai §3.1)', () => {
  expect(parametersOfBody(' ')).toMatchObject({ parameters: { reportingMode: 'CLIENT', isGuided: false } })
  expect(parametersOfQuery(new URLSearchParams(), 'explicit')).toMatchObject({
    parameters: { reportingMode: 'CLIENT' },
  })
  expect(body({ reportingMode: 'server' })).toMatchObject({ parameters: { reportingMode: 'SERVER' } })
})

test('a guided session may have its ads decided ahead (ssai §3.1)', () => {
  const ahead = { parameters: { isGuided: true, isGuidedAhead: true } }
  expect(query('aws.insertionMode=GUIDED&aws.guidedPrefetchMode=MANIFEST')).toMatchObject(ahead)
  expect(body({ insertionMode: 'guided', guidedPrefetchMode: 'manifest' })).toMatchObject(ahead)
})

test('keeps a playback token out of what is copied to addresses', () => {
  expect(body({ manifestParams: { token: 'secret', a: 1, _HLS_msn: 5 } })).toMatchObject({
    parameters: { manifestParams: { a: '1' }, token: 'secret' },
  })
})

test.each([
  [[], 'the body must be a JSON object'],
  [{ adsParams: { a: {} } }, 'adsParams, playerParams and manifestParams must be objects of texts'],
  [{ reportingMode: 1 }, 'reportingMode, insertionMode, guidedPrefetchMode and token must be texts'],
  [{ reportingMode: 'BOTH' }, 'reportingMode must be CLIENT or SERVER'],
  [{ insertionMode: 'NONE' }, 'insertionMode must be GUIDED or STITCHED'],
  [{ insertionMode: 'GUIDED', guidedPrefetchMode: 'ON' }, 'guidedPrefetchMode must be MANIFEST or OFF'],
  [{ guidedPrefetchMode: 'MANIFEST' }, 'guidedPrefetchMode MANIFEST needs insertionMode GUIDED'],
  [{ adsParams: { a: 'x'.repeat(2000) } }, 'parameters must have at most 2000 characters'],
  [{ token: 'x'.repeat(4097) }, 'the token is too long'],
  [{ availSuppression: 'OFF' }, 'availSuppression must be an object of texts'],
])('refuses %j', (value, problem) => {
  expect(body(value)).toEqual({ kind: 'invalid', problem })
})

test('never throws, whatever a player says', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(['read', 'invalid']).toContain(parametersOfBody(text).kind)
      expect(['read', 'invalid']).toContain(query(text).kind)
    }),
  )
})
