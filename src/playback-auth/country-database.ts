/**
 * The country of an address, by a database in MMDB form: the packaged one, or the operator's own.
 *
 * Spec: MaxMind DB file format 2.0; records as in GeoLite2 and GeoIP2 Country, or with a plain `country_code`.
 */
import { isIP } from 'node:net'
import { open } from 'maxmind'
import type { Response } from 'maxmind'

/** Tells the country of an address as ISO 3166-1 alpha-2; undefined when nobody knows. */
export type CountryLookup = (address: string) => string | undefined

/** Stable codes, listed in docs/reference/errors.md. */
export type CountryDatabaseErrorCode = 'GEO_DATABASE_UNUSABLE'

/** The country database cannot be used; the server does not start. */
export class CountryDatabaseError extends Error {
  override readonly name = 'CountryDatabaseError'
  readonly code: CountryDatabaseErrorCode

  constructor(code: CountryDatabaseErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

type CountryRecord = Response & {
  readonly country_code?: unknown
  readonly country?: { readonly iso_code?: unknown }
}

/** Answers that are remembered: viewers come back. */
const CACHED_ADDRESSES = 10_000
const COUNTRY_CODE = /^[A-Z]{2}$/

/**
 * Reads the database in `file` into memory, about 8 MB for the packaged one.
 *
 * @throws {CountryDatabaseError} when there is none, or it is not in MMDB form.
 */
export async function openCountryDatabase(file: string): Promise<CountryLookup> {
  try {
    const reader = await open<CountryRecord>(file, { cache: { max: CACHED_ADDRESSES } })
    return (address) => (isIP(address) === 0 ? undefined : countryOf(reader.get(address)))
  } catch (cause) {
    const message = `geoDatabase ${file} cannot be read as a country database in MMDB form`
    throw new CountryDatabaseError('GEO_DATABASE_UNUSABLE', message, { cause })
  }
}

function countryOf(record: CountryRecord | null): string | undefined {
  const code = record?.country?.iso_code ?? record?.country_code
  return typeof code === 'string' && COUNTRY_CODE.test(code) ? code : undefined
}
