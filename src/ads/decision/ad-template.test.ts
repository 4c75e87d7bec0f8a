import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AdRequestTemplate } from './ad-request.ts'
import { TextTemplate, UrlTemplate } from './ad-template.ts'
import type { VariableFacts } from './ad-variables.ts'
import { testRequest, testSettings, testViewer } from './decision-fixture.ts'

function facts(playerParams: Readonly<Record<string, string>> = {}, aliases: VariableFacts['aliases'] = {}) {
  const viewer = testViewer({ claims: { playerParams } })
  return { request: testRequest({ viewer }), aliases, random: () => 0.5, nowMs: 0 }
}

const fillUrl = (template: string, given: VariableFacts = facts()) => new UrlTemplate(template).fill(given)

describe('the URL of an ad request', () => {
  test.each([
    ['session.uuid', '8c5f6a54-2f65-4a9c-9a3b-0d4b2a6d8e11'],
    ['session.client_ip', '203.0.113.9'],
    ['session.user_agent', 'Viewer%2F1.0%20(test)'],
    ['session.referer', 'https%3A%2F%2Fpage.example.com%2Fwatch%3Fa%3D1'],
    ['session.accept_language', 'de-CH'],
    ['session.avail_duration_ms', '30000'],
    ['session.avail_duration_secs', '30'],
    ['avail.index', '2'],
    ['avail.random', '5000000000'],
    ['avail.source_content_time_epoch_ms', String(Date.UTC(2026, 0, 1) + 8500)],
    ['player_params.zone', 'north'],
  ])('holds [%s] (ssai §3.2)', (name, value) => {
    expect(fillUrl(`https://ads.example.com/v?x=[${name}]`, facts({ zone: 'north' }))).toEqual({
      text: `https://ads.example.com/v?x=${value}`,
      unknownVariables: [],
    })
  })

  test('has the same number for a session each time', () => {
    const first = fillUrl('https://ads.example.com/[session.id]')?.text
    expect(first).toMatch(/^https:\/\/ads\.example\.com\/[0-9]{6,15}$/)
    expect(fillUrl('https://ads.example.com/[session.id]')?.text).toBe(first)
  })

  test.each([
    'scte.event_id',
    'scte.segmentation_event_id',
    'scte.avail_num',
    'scte.segmentation_upid.cueData.key',
    'scte.segmentation_upid.private_data.3',
    'scte.no_regional_blackout_flag',
    'asset.title',
  ])('leaves [%s] empty, as the stream says nothing of it', (name) => {
    expect(fillUrl(`https://ads.example.com/v?x=[${name}]&y=1`)).toEqual({
      text: 'https://ads.example.com/v?x=&y=1',
      unknownVariables: [],
    })
  })

  test('tells unknown variables, which are left empty', () => {
    expect(fillUrl('https://ads.example.com/?a=[player_params.nobody]&b=[scte.nothing]')).toEqual({
      text: 'https://ads.example.com/?a=&b=',
      unknownVariables: ['player_params.nobody', 'scte.nothing'],
    })
  })

  test('has variables beside each other, in the path and as names', () => {
    const template =
      'https://ads.example.com/[player_params.a]/[player_params.b][player_params.a]?[player_params.b]=1'
    expect(fillUrl(template, facts({ a: 'x', b: 'y' }))?.text).toBe('https://ads.example.com/x/yx?y=1')
  })

  test('fills the macros of players and leaves the address of a host alone', () => {
    expect(fillUrl('http://[fe80::1]/v?cb=[CACHEBUSTING]&pos=[BREAKPOSITION]')?.text).toBe(
      'http://[fe80::1]/v?cb=50000000&pos=2',
    )
  })

  test('keeps escapes that a token has already, and encodes all else', () => {
    expect(fillUrl('https://ads.example.com/?c=[player_params.c]', facts({ c: 'a%3D1&b=50%' }))?.text).toBe(
      'https://ads.example.com/?c=a%3D1%26b%3D50%25',
    )
  })

  test('gives aliases the meaning that the configuration gives them', () => {
    const aliases = { 'player_params.site': { eu: 'eu/main', us: 'us' } }
    const fill = (site: string) =>
      fillUrl('https://ads.example.com/?s=[player_params.site]', facts({ site }, aliases))
    expect(fill('eu')?.text).toBe('https://ads.example.com/?s=eu/main')
    expect(fill('toString')).toEqual({
      text: 'https://ads.example.com/?s=',
      unknownVariables: ['player_params.site'],
    })
  })

  test('lets only aliases name a host', () => {
    const aliases = { 'player_params.host': { eu: 'eu.ads.example.com' } }
    const template = 'https://[player_params.host]/v'
    expect(fillUrl(template, facts({ host: 'eu' }, aliases))?.text).toBe('https://eu.ads.example.com/v')
    expect(fillUrl(template, facts({ host: 'evil.example.com' }, aliases))).toBeUndefined()
    expect(fillUrl(template, facts({ host: 'evil.example.com' }))).toBeUndefined()
    expect(fillUrl('https://ads.[player_params.host]', facts({ host: 'x' }))).toBeUndefined()
    expect(fillUrl('[player_params.host]', facts({ host: 'http://x' }))).toBeUndefined()
  })

  test('keeps its host, its path and its arguments, whatever a viewer sends', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.string({ maxLength: 40 }),
        (userAgent, param) => {
          const viewer = testViewer({ userAgent, claims: { playerParams: { p: param } } })
          const given = { request: testRequest({ viewer }), aliases: {}, random: () => 0, nowMs: 0 }
          const url = new URL(
            fillUrl('https://ads.example.com/v?u=[session.user_agent]&p=[player_params.p]', given)!.text,
          )
          expect([url.host, url.pathname, [...url.searchParams.keys()], url.hash]).toEqual([
            'ads.example.com',
            '/v',
            ['u', 'p'],
            '',
          ])
        },
      ),
    )
  })
})

describe('the body of an ad request', () => {
  test('escapes values for JSON (ssai §2.1)', () => {
    const template = new TextTemplate(
      '{"ua":"{{player_params.q}}","ms":{{ session.avail_duration_ms }}}',
      'json',
    )
    const { text } = template.fill(facts({ q: 'a"b\\c\n' }))
    expect(JSON.parse(text)).toEqual({ ua: 'a"b\\c\n', ms: 30_000 })
  })

  test('is sent packed, with headers that have variables too', () => {
    const template = new AdRequestTemplate(
      testSettings({
        httpRequest: {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', 'X-Zone': '{{player_params.zone}}' },
          body: '{"id":"{{session.uuid}}","x":"{{player_params.none}}"}',
          compress: 'GZIP',
        },
      }),
    )
    const wish = template.fill(facts({ zone: 'north' }))!
    expect(wish).toMatchObject({
      method: 'POST',
      unknownVariables: ['player_params.none'],
      headers: {
        'content-type': 'application/json',
        'content-encoding': 'gzip',
        'x-zone': 'north',
        'user-agent': 'Viewer/1.0 (test)',
        'x-forwarded-for': '203.0.113.9',
      },
    })
    expect(gunzipSync(wish.body!).toString()).toBe('{"id":"8c5f6a54-2f65-4a9c-9a3b-0d4b2a6d8e11","x":""}')
  })

  test('encodes values of a form', () => {
    expect(new TextTemplate('a={{player_params.q}}&b=1', 'form').fill(facts({ q: 'x&y=1' })).text).toBe(
      'a=x%26y%3D1&b=1',
    )
  })
})
