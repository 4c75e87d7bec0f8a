/**
 * `headwater events tail` as a process beside a server.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CreateChannelCommand, IvsClient } from '@aws-sdk/client-ivs'
import { expect, test } from 'vitest'
import type { EventEnvelope } from '../../src/domain/event-envelope.ts'
import { temporaryDirectory } from '../../src/store/store-fixture.ts'
import { startHeadwater, type HeadwaterProcess } from '../harness/headwater-process.ts'
import { RtmpClient } from '../harness/rtmp-client.ts'

const PROGRAM = fileURLToPath(new URL('../../bin/headwater.js', import.meta.url))
const WAIT = { timeout: 15_000, interval: 50 }
const KEY_ID = 'AKIDOFTHETAILTEST'
const SECRET = 'secret-of-the-tail-test'

type Tail = AsyncDisposable & {
  readonly stdout: () => string
  readonly stderr: () => string
  readonly exited: Promise<unknown[]>
}

function startTail(args: readonly string[], secretAccessKey: string): Tail {
  const child = spawn(process.execPath, [PROGRAM, 'events', 'tail', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, AWS_ACCESS_KEY_ID: KEY_ID, AWS_SECRET_ACCESS_KEY: secretAccessKey },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const exited = once(child, 'close')
  return {
    stdout: () => stdout,
    stderr: () => stderr,
    exited,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}

async function publishAndLeave(server: HeadwaterProcess, streamKey: string): Promise<void> {
  await using _client = await RtmpClient.publish(
    { port: Number(new URL(server.addresses['rtmp'] ?? '').port) },
    streamKey,
  )
}

test('prints the events of the account of its key as they come, and goes on after the server was away', async () => {
  await using directory = await temporaryDirectory()
  const config = join(directory.path, 'config.yaml')
  await writeFile(config, `accessKeys: [{ id: ${KEY_ID}, secret: ${SECRET} }]\n`)
  const flags = ['--config', config, '--data-dir', join(directory.path, 'data')]
  let server = await startHeadwater(flags)
  const url = server.addresses['api'] ?? ''
  const port = new URL(url).port
  const credentials = { accessKeyId: KEY_ID, secretAccessKey: SECRET }
  const client = new IvsClient({ endpoint: url, region: 'us-west-2', credentials, maxAttempts: 1 })
  const { channel, streamKey } = await client.send(
    new CreateChannelCommand({ type: 'BASIC', name: 'tailed', insecureIngest: true }),
  )
  client.destroy()

  await using people = startTail(['--url', url, '--after', '0'], SECRET)
  await using tool = startTail(['--url', url, '--after', '0', '--json'], SECRET)
  const names = () =>
    tool
      .stdout()
      .split('\n')
      .slice(0, -1)
      .map((line) => (JSON.parse(line) as EventEnvelope).detail['event_name'])
  await publishAndLeave(server, streamKey?.value ?? '')
  await expect.poll(names, WAIT).toEqual(['Session Created', 'Session Ended'])
  await expect.poll(people.stdout, WAIT).toMatch(/Session Ended/)
  expect(people.stdout().split('\n')[0]).toMatch(
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ {2}Session Created {2}arn:aws:ivs:us-west-2:000000000000:channel\/\w+ "tailed" {2}st-\w{23}$/,
  )
  expect(people.stdout()).toContain(channel?.arn)

  server.kill('SIGTERM')
  await server.exited
  await expect.poll(tool.stderr, WAIT).toContain('no events for now, trying again')
  server = await startHeadwater([...flags, '--http-port', port])
  await publishAndLeave(server, streamKey?.value ?? '')
  const twice = ['Session Created', 'Session Ended', 'Session Created', 'Session Ended']
  await expect.poll(names, WAIT).toEqual(twice)

  await using stranger = startTail(['--url', url], 'not-the-secret-of-the-key')
  expect((await stranger.exited)[0]).toBe(1)
  expect(stranger.stderr()).toMatch(/^headwater: the server answered 403: .*InvalidSignatureException/)
  await server[Symbol.asyncDispose]()
})
