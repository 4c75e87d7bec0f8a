import { expect, test } from 'vitest'
import { isOriginAllowed } from './origins.ts'

const ALLOWED = [
  ['https://example.com', 'https://example.com'],
  ['https://EXAMPLE.com', 'https://example.com'],
  ['https://example.com', 'HTTPS://Example.COM'],
  ['https://example.com:443', 'https://example.com'],
  ['http://example.com', 'http://example.com:80'],
  ['http://localhost:8080', 'http://localhost:8080'],
  ['https://*.example.com', 'https://a.example.com'],
  ['https://*.example.com', 'https://b.a.example.com'],
  ['https://*example.com', 'https://example.com'],
  ['https://*example.com', 'https://myexample.com'],
  ['https://*.example.com:8443', 'https://a.example.com:8443'],
  ['https://*', 'https://anything.test'],
  ['*', 'http://anything.test:81'],
  ['*', 'null'],
  ['http://[::1]:3000', 'http://[::1]:3000'],
  ['capacitor://localhost', 'capacitor://localhost'],
] as const
test.each(ALLOWED)('%s allows %s', (pattern, origin) => {
  expect(isOriginAllowed(['https://unrelated.test', pattern], origin)).toBe(true)
})

const REFUSED = [
  ['https://example.com', 'http://example.com'],
  ['https://example.com', 'https://example.com:8443'],
  ['https://example.com:8443', 'https://example.com'],
  ['https://example.com', 'https://www.example.com'],
  ['https://example.com', 'https://example.com.evil.test'],
  ['https://example.com', 'https://example.com/'],
  ['https://*.example.com', 'https://example.com'],
  ['https://*.example.com', 'https://evilexample.com'],
  ['https://*.example.com', 'https://evil.test/.example.com'],
  ['https://*.example.com', 'https://evil.test#.example.com'],
  ['https://*.example.com', 'https://evil.test?.example.com'],
  ['https://*.example.com', 'https://evil.test:80@a.example.com'],
  ['https://*.example.com', 'https://evil.test\\.example.com:80:80'],
  ['https://*.example.com', 'https://*.example.com'],
  ['https://*.example.com', 'http://a.example.com'],
  ['https://*', 'null'],
  ['https://*', ''],
  ['https://example.com', '*'],
  ['example.com', 'https://example.com'],
  ['example.com', 'example.com'],
  ['', ''],
  ['null', 'null'],
  ['https://a.*.com', 'https://a.b.com'],
] as const
test.each(REFUSED)('%s does not allow %s', (pattern, origin) => {
  expect(isOriginAllowed([pattern], origin)).toBe(false)
})

test('an empty list allows nothing: whoever means everything says *', () => {
  expect(isOriginAllowed([], 'https://example.com')).toBe(false)
})
