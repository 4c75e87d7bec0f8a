import { CreateChannelCommand, GetChannelCommand, IvsClient, ListChannelsCommand } from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { REGION, startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal } from './expect-refusal.ts'

const OURS = { id: 'AKIDOURS', secret: 'our/secret+key', account: '123456789012' }
const THEIRS = { id: 'AKIDTHEIRS', secret: 'their secret', account: '210987654321' }

let api: ApiFixture
beforeAll(async () => {
  api = await startApi(undefined, [OURS, THEIRS])
})
afterAll(() => api[Symbol.asyncDispose]())

type ClientSettings = {
  readonly id: string
  readonly secret: string
  readonly region?: string
  readonly offMs?: number
}

function clientOf({ id, secret, region = REGION, offMs = 0 }: ClientSettings): IvsClient {
  return new IvsClient({
    endpoint: api.url,
    region,
    credentials: { accessKeyId: id, secretAccessKey: secret, sessionToken: 'ignored' },
    maxAttempts: 1,
    // The server's clock stands still; the client signs by its own.
    systemClockOffset: api.clock.nowMs() - Date.now() + offMs,
  })
}

const list = (settings: ClientSettings) => clientOf(settings).send(new ListChannelsCommand({}))
const refusal = (says: string) => ({
  name: 'InvalidSignatureException',
  status: 403,
  modelled: false as const,
  says,
})

test('a key sees the resources of its account and no others', async () => {
  const { channel } = await clientOf(OURS).send(new CreateChannelCommand({ name: 'ours' }))
  expect(channel?.arn).toContain(`:${OURS.account}:`)
  expect((await list(OURS)).channels).toHaveLength(1)
  expect((await list(THEIRS)).channels).toHaveLength(0)
  await expectRefusal(clientOf(THEIRS).send(new GetChannelCommand({ arn: channel?.arn })), {
    name: 'ResourceNotFoundException',
    status: 404,
  })
})

test('an unknown key is an unrecognized client', async () => {
  await expectRefusal(list({ ...OURS, id: 'AKIDNOBODY' }), {
    name: 'UnrecognizedClientException',
    status: 403,
    modelled: false,
  })
})

test('a wrong secret gives a wrong signature', async () => {
  await expectRefusal(list({ ...OURS, secret: THEIRS.secret }), refusal('check the secret access key'))
})

test('a credential for another region is refused', async () => {
  await expectRefusal(list({ ...OURS, region: 'eu-west-1' }), refusal('scoped to the region us-west-2'))
})

test('clocks may be up to five minutes apart', async () => {
  for (const offMs of [-290_000, 290_000]) expect((await list({ ...OURS, offMs })).channels).toBeDefined()
  for (const offMs of [-310_000, 310_000]) {
    const now = api.clock.nowMs()
    const time = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '')
    await expectRefusal(
      list({ ...OURS, offMs }),
      refusal(`more than 5 minutes from the time here, which is ${time}`),
    )
  }
})

test('a body, path or header that was changed on the way does not fit', async () => {
  const changes: readonly ((request: Sent) => void)[] = [
    (request) => (request.body = '[]'),
    (request) => (request.path = '/ListStreams'),
    (request) => (request.query['extra'] = '1'),
    (request) => (request.headers['x-amz-user-agent'] = 'somebody else'),
    (request) => (request.headers['x-amz-extra'] = 'added'),
    (request) => delete request.headers['x-amz-content-sha256'],
  ]
  for (const change of changes) {
    const client = clientOf(OURS)
    client.middlewareStack.add((next) => (call) => (change(call.request as Sent), next(call)), {
      step: 'finalizeRequest',
      priority: 'low',
      name: 'changeOnTheWay',
    })
    await expectRefusal(client.send(new ListChannelsCommand({})), refusal(''))
  }
})

type Sent = {
  body: string
  path: string
  readonly query: Record<string, string>
  readonly headers: Record<string, string>
}

test('a client whose clock is wrong takes the right time from the refusal', async () => {
  await using server = await startApi(undefined, [OURS])
  server.clock.advance(Date.now() - server.clock.nowMs())
  const client = new IvsClient({
    endpoint: server.url,
    region: REGION,
    credentials: { accessKeyId: OURS.id, secretAccessKey: OURS.secret },
    systemClockOffset: -3_600_000,
    maxAttempts: 1,
  })
  await expectRefusal(client.send(new ListChannelsCommand({})), refusal('more than 5 minutes'))
  expect((await client.send(new ListChannelsCommand({}))).channels).toEqual([])
})

test.each(['UNSIGNED-PAYLOAD', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'])(
  'a body that is announced as %s is refused',
  async (announced) => {
    const client = clientOf(OURS)
    client.middlewareStack.add(
      (next) => (call) => {
        ;(call.request as Sent).headers['x-amz-content-sha256'] = announced
        return next(call)
      },
      // Before it is signed.
      { step: 'build', priority: 'low', name: 'announceBody' },
    )
    await expectRefusal(
      client.send(new ListChannelsCommand({})),
      refusal('X-Amz-Content-Sha256 must be the hash of the whole body'),
    )
  },
)

test('a request signed in its query is refused in clear words', async () => {
  const query = 'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=x&X-Amz-Signature=0'
  const answer = await fetch(`${api.url}/ListChannels?${query}`, { method: 'POST', body: '{}' })
  expect([answer.status, answer.headers.get('x-amzn-errortype')]).toEqual([403, 'IncompleteSignature'])
  expect(await answer.text()).toContain('presigned URLs are not taken')
})
