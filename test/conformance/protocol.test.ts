import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ANY_AUTHORIZATION, MISSING_CHANNEL_ARN, startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'

let api: ApiFixture
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api[Symbol.asyncDispose]())

const REQUEST_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

const ERROR_HEADERS = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'x-amzn-ErrorType,x-amzn-RequestId,Date',
  'cache-control': 'no-store, no-cache',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'content-type': 'application/json',
  'strict-transport-security': 'max-age=47304000',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

async function expectError(answer: Response, status: number, type: string, text: string): Promise<void> {
  const headers = Object.fromEntries(answer.headers)
  expect({ status: answer.status, type: headers['x-amzn-errortype'] }).toEqual({ status, type })
  expect(headers).toMatchObject(ERROR_HEADERS)
  expect(headers['x-amzn-requestid']).toMatch(REQUEST_ID)
  const body = await answer.text()
  expect(headers['content-length']).toBe(String(Buffer.byteLength(body)))
  expect(JSON.parse(body)).toEqual({ exceptionMessage: `${type}: ${text}`, message: `${type}: ${text}` })
}

const NO_OPERATION = 'there is no operation with this method and path'
const NOT_JSON = 'the body must be JSON in UTF-8'

describe('paths', () => {
  test.each([
    ['POST', '/'],
    ['POST', '/CreateChannels'],
    ['POST', '/createchannel'],
    ['POST', '/CreateChannel/'],
    ['GET', '/CreateChannel'],
    ['PUT', '/CreateChannel'],
    ['PUT', '/tags/arn'],
    ['GET', '/tags'],
  ])('%s %s is an unknown operation', async (method, path) => {
    await expectError(await fetch(api.url + path, { method }), 404, 'UnknownOperationException', NO_OPERATION)
  })

  test('HEAD gets the headers of an unknown operation and no body', async () => {
    const answer = await fetch(`${api.url}/CreateChannel`, { method: 'HEAD' })
    expect([answer.status, answer.headers.get('x-amzn-errortype')]).toEqual([
      404,
      'UnknownOperationException',
    ])
    expect(await answer.text()).toBe('')
  })

  test('a path that is not well encoded is a malformed request', async () => {
    const text = 'the request is not well-formed HTTP'
    await expectError(await api.post('/%zz', '{}'), 400, 'MalformedHttpRequestException', text)
  })

  test('a query does not change the operation', async () => {
    expect((await api.post('/ListChannels?x=1', '{}')).status).toBe(200)
  })
})

describe('cross-origin rules', () => {
  test('a preflight is answered for any path, without credentials', async () => {
    const answer = await fetch(`${api.url}/GetChannel`, {
      method: 'OPTIONS',
      headers: { origin: 'http://localhost:3000', 'access-control-request-method': 'POST' },
    })
    expect(answer.status).toBe(204)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, POST, PUT, DELETE, OPTIONS',
      'access-control-allow-headers': 'Authorization, Content-Type, X-Amz-Date, X-Amz-Content-Sha256, *',
    })
  })

  test('a good answer can be read by a page, and has a request id', async () => {
    const answer = await api.post('/ListChannels', '{}', { origin: 'http://localhost:3000' })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(answer.headers.get('x-amzn-requestid')).toMatch(REQUEST_ID)
  })

  test.each(['https://example.com', 'http://localhost.example.com', 'null'])(
    'a page of %s may not use the open door of a loopback server',
    async (origin) => {
      const answer = await api.post('/ListChannels', '{}', { origin })
      const text = 'web pages of other hosts may not call this server'
      await expectError(answer, 403, 'AccessDeniedException', text)
    },
  )
})

describe('credentials', () => {
  test('a request without an Authorization header is refused', async () => {
    const answer = await fetch(`${api.url}/ListChannels`, { method: 'POST', body: '{}' })
    const text = 'the request has no Authorization header'
    await expectError(answer, 403, 'MissingAuthenticationToken', text)
  })

  test.each(['Bearer abc', 'AWS4-HMAC-SHA256 Credential=AKID/20260101/us-west-2/ivs'])(
    'the Authorization header "%s" is refused without being repeated',
    async (authorization) => {
      const answer = await api.post('/ListChannels', '{}', { authorization })
      expect([answer.status, answer.headers.get('x-amzn-errortype')]).toEqual([403, 'IncompleteSignature'])
      expect(await answer.text()).not.toContain(authorization)
    },
  )

  test('credentials come before the body', async () => {
    const answer = await fetch(`${api.url}/CreateChannel`, { method: 'POST', body: '{' })
    expect(answer.headers.get('x-amzn-errortype')).toBe('MissingAuthenticationToken')
  })
})

describe('bodies', () => {
  test.each(['{', 'null}', '{"name":"a"}{}', "{'name':'a'}"])('%s is not JSON', async (body) => {
    await expectError(await api.post('/CreateChannel', body), 400, 'ValidationException', NOT_JSON)
  })

  test('bytes that are not UTF-8 are not JSON', async () => {
    const body = new Uint8Array([...Buffer.from('{"name":"'), 0xc3, 0x28, ...Buffer.from('"}')])
    await expectError(await api.post('/CreateChannel', body), 400, 'ValidationException', NOT_JSON)
  })

  test.each(['[]', 'null', '5', '"text"', 'true'])('%s is not an object', async (body) => {
    const text = 'the body must be a JSON object'
    await expectError(await api.post('/CreateChannel', body), 400, 'ValidationException', text)
  })

  test('very deep nesting is refused or ignored like any other value', async () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    expect((await api.post('/ListChannels', `{"unknown":${deep}}`)).status).toBe(200)
    const answer = await api.post('/CreateChannel', `{"tags":${deep}}`)
    await expectError(answer, 400, 'ValidationException', 'tags must be of type object')
  })

  test.each([undefined, ''])('no body means no members', async (body) => {
    expect((await api.post('/ListChannels', body)).status).toBe(200)
    const answer = await api.post('/GetChannel', body)
    await expectError(answer, 400, 'ValidationException', 'arn is required')
  })

  test('a body over the limit is refused, with a length or chunked', async () => {
    const body = `{"name":"${'x'.repeat(300_000)}"}`
    const text = 'the body is too large'
    const type = 'RequestEntityTooLargeException'
    await expectError(await api.post('/CreateChannel', body), 413, type, text)
    expect(await postChunked(`${api.url}/CreateChannel`, body)).toEqual({ status: 413, type })
  })

  test.each(['application/json', 'application/x-amz-json-1.1', 'text/plain; charset=utf-8'])(
    'content type %s makes no difference',
    async (contentType) => {
      const answer = await api.post('/CreateChannel', '{"name":"typed"}', { 'content-type': contentType })
      expect(await answer.json()).toMatchObject({ channel: { name: 'typed' } })
    },
  )

  test('a content encoding is refused', async () => {
    const answer = await api.post('/CreateChannel', '{}', { 'content-encoding': 'gzip' })
    const text = 'the body must not have a Content-Encoding'
    await expectError(answer, 400, 'MalformedHttpRequestException', text)
  })

  test('unknown members are ignored, even when the service has fields of that name', async () => {
    const body = {
      name: 'mine',
      accountId: '210987654321',
      id: 'chosen',
      arn: MISSING_CHANNEL_ARN,
      srtPassphrase: 'x',
    }
    const answer = await api.post('/CreateChannel', JSON.stringify(body))
    const { channel } = (await answer.json()) as { channel: Record<string, unknown> }
    expect(channel['name']).toBe('mine')
    expect(channel['arn']).toMatch(/^arn:aws:ivs:us-west-2:123456789012:channel\//)
    expect(channel['arn']).not.toBe(MISSING_CHANNEL_ARN)
    expect(channel).not.toHaveProperty('accountId')
  })

  test('members that are null count as absent', async () => {
    const body =
      '{"name":null,"tags":null,"multitrackInputConfiguration":{"enabled":null,"policy":"REQUIRE"}}'
    expect(await (await api.post('/CreateChannel', body)).json()).toMatchObject({
      channel: { name: '', tags: {}, multitrackInputConfiguration: { enabled: false, policy: 'REQUIRE' } },
    })
  })

  test('a tag may be called like something that objects inherit', async () => {
    const body = '{"tags":{"__proto__":"a","constructor":"b"}}'
    const created = await (await api.post('/CreateChannel', body)).text()
    expect(created).toContain('"tags":{"__proto__":"a","constructor":"b"}')
    const { arn } = (JSON.parse(created) as { channel: { arn: string } }).channel
    const shown = await (await api.post('/GetChannel', JSON.stringify({ arn }))).text()
    expect(shown).toContain('"tags":{"__proto__":"a","constructor":"b"}')
  })
})

test('a store that is gone makes the service unavailable, without a word about why', async () => {
  await using failing = await startApi()
  await failing.store[Symbol.asyncDispose]()
  const answer = await failing.post('/ListChannels', '{}')
  const text = 'the service cannot take the request now, try again'
  await expectError(answer, 503, 'ServiceUnavailable', text)
})

function postChunked(url: string, body: string): Promise<{ status: number | undefined; type: unknown }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, {
      method: 'POST',
      headers: { authorization: ANY_AUTHORIZATION, 'transfer-encoding': 'chunked' },
    })
    request.on('response', (response) => {
      response.resume()
      resolve({ status: response.statusCode, type: response.headers['x-amzn-errortype'] })
    })
    request.on('error', reject)
    request.end(body)
  })
}
