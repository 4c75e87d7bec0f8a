import { expect, test } from 'vitest'
import { parsePlayerAddress, playerPath, type PlayerAddress } from './player-address.ts'

const HASH = 'c2311e92660de47b456e721b0dabc9f857ab48f0'

test('reads what it prints, whatever the name of the configuration', () => {
  const address: PlayerAddress = {
    kind: 'tracking',
    accountHash: HASH,
    configurationName: 'my ads_ü?%',
    rest: '86c581c1-9373-850d-8c38-fd0571e5159a',
  }
  expect(parsePlayerAddress(playerPath('', address))).toEqual(address)
  expect(playerPath('/live', address)).toMatch(/^\/live\/v1\/tracking\/c2311e/)
})

test.each([
  '/v1/segment/st-AbCdEfGhIjKlMnOpQrStUvW/chunked/4.ts',
  '/v1/playlist/st-AbCdEfGhIjKlMnOpQrStUvW/chunked.m3u8',
  `/v1/hls/${HASH}/ads/film.m3u8`,
  `/v1/master/${HASH}/ads`,
  `/v1/master/${HASH}/%E0%A4%A/film.m3u8`,
  `/v1/master/${HASH.toUpperCase()}/ads/film.m3u8`,
])('leaves %s to others', (path) => {
  expect(parsePlayerAddress(path)).toBeUndefined()
})
