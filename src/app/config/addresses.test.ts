import { expect, test } from 'vitest'
import { resolveIngestHost, resolvePublicUrl } from './addresses.ts'

test('the public URL is made from the host and the port that was really opened', () => {
  expect(resolvePublicUrl({ host: '127.0.0.1', publicUrl: undefined }, 49_152)).toBe('http://127.0.0.1:49152')
})

test('an IPv6 host stands in brackets', () => {
  expect(resolvePublicUrl({ host: '::1', publicUrl: undefined }, 8080)).toBe('http://[::1]:8080')
})

test('a configured public URL is used as it is', () => {
  const config = { host: '127.0.0.1', publicUrl: 'https://live.example.com/tv' }
  expect(resolvePublicUrl(config, 8080)).toBe('https://live.example.com/tv')
})

test('the ingest host is the host of the public URL unless it is configured', () => {
  expect(resolveIngestHost({ ingestEndpoint: undefined }, 'https://live.example.com:8443/tv')).toBe(
    'live.example.com',
  )
  expect(resolveIngestHost({ ingestEndpoint: 'in.example.com' }, 'https://live.example.com')).toBe(
    'in.example.com',
  )
})
