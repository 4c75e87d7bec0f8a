/**
 * Clients that nobody here wrote, with signatures of their own: boto3 in breadth, the command line for a few calls.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { IvsClient } from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ivsOperations } from '../../src/api/ivs/ivs-operations.ts'
import { ACCOUNT_ID, REGION } from '../conformance/api-fixture.ts'
import { startMetrics, type MetricsFixture } from '../conformance/metrics-fixture.ts'
import { rememberSession } from '../conformance/remembered-session.ts'
import { freshPublicKeyPem, makeAdConfiguration, makeChannel } from '../conformance/resource-makers.ts'

const KEY = { id: 'AKIDINTEROP000001', secret: 'interop/secret+of/40characters', account: ACCOUNT_ID }
const SCRIPT = fileURLToPath(new URL('aws-clients/every_operation.py', import.meta.url))

let directory = ''
let api: MetricsFixture
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'headwater-aws-'))
  api = await startMetrics([KEY])
  // Real clients sign by the real time.
  api.clock.advance(Date.now() - api.clock.nowMs())
})
afterAll(async () => {
  await api[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

type Outcome = { readonly exitCode: number | null; readonly stdout: string; readonly stderr: string }

/** Runs a client with nothing of this machine's settings and credentials. */
function run(program: string, args: readonly string[], input = ''): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: 'pipe',
      env: {
        PATH: process.env['PATH'],
        HOME: directory,
        AWS_ACCESS_KEY_ID: KEY.id,
        AWS_SECRET_ACCESS_KEY: KEY.secret,
        AWS_DEFAULT_REGION: REGION,
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_MAX_ATTEMPTS: '1',
        AWS_PAGER: '',
        PYTHONDONTWRITEBYTECODE: '1',
      },
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.once('error', reject)
    child.once('close', (exitCode) => resolve({ exitCode, stdout, stderr }))
    child.stdin.end(input)
  })
}

const aws = (...args: string[]): Promise<Outcome> =>
  run('aws', ['--endpoint-url', api.url, '--output', 'json', ...args])

const ivs = (...args: string[]): Promise<Outcome> => aws('ivs', ...args)

/** A live channel with ads and a session, made by the owner of the key. */
async function liveChannel(): Promise<string> {
  const credentials = { accessKeyId: KEY.id, secretAccessKey: KEY.secret }
  const client = new IvsClient({ endpoint: api.url, region: REGION, credentials })
  const owner = { ...api, client }
  const arn = await makeChannel(owner, { name: 'live', adConfigurationArn: await makeAdConfiguration(owner) })
  const { startTimeMs } = api.goLive(arn)
  await rememberSession(api, arn, { createdAtMs: startTimeMs, startTimeMs })
  client.destroy()
  return arn
}

test('boto3 calls every operation that its model knows', async () => {
  const given = {
    endpoint: api.url,
    region: REGION,
    id: KEY.id,
    secret: KEY.secret,
    liveChannelArn: await liveChannel(),
    publicKeyPem: freshPublicKeyPem(),
  }
  const { exitCode, stdout, stderr } = await run('python3', [SCRIPT], JSON.stringify(given))
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  const { called, unknown } = JSON.parse(stdout) as { called: Record<string, number>; unknown: string[] }
  expect(unknown).toEqual([])
  expect(Object.keys(called).length).toBeGreaterThanOrEqual(28)
  const statuses = new Map(ivsOperations.map(({ name, status }) => [name, status]))
  for (const [name, status] of Object.entries(called))
    expect([name, status]).toEqual([name, statuses.get(name)])
  expect(api.metadata).toEqual(['{"score": "1:0 – ⚽"}'])
  expect(api.stopped).toEqual([given.liveChannelArn])
})

test('the command line creates, tags, pages and deletes', async () => {
  const created = await ivs('create-channel', '--name', 'from-cli', '--tags', 'team=straße')
  expect(created).toMatchObject({ exitCode: 0, stderr: '' })
  const { channel } = JSON.parse(created.stdout) as { channel: { arn: string } }
  const tagged = await ivs('tag-resource', '--resource-arn', channel.arn, '--tags', 'a/b=c d')
  expect(tagged).toMatchObject({ exitCode: 0, stderr: '' })
  const shown = await ivs('list-tags-for-resource', '--resource-arn', channel.arn)
  expect(JSON.parse(shown.stdout)).toEqual({ tags: { team: 'straße', 'a/b': 'c d' } })
  const listed = await ivs('list-channels', '--page-size', '1', '--query', 'channels[].name')
  expect(JSON.parse(listed.stdout)).toContain('from-cli')
  expect(await ivs('delete-channel', '--arn', channel.arn)).toEqual({ exitCode: 0, stdout: '', stderr: '' })
})

test('the command line shows an error by its name and text', async () => {
  const arn = `arn:aws:ivs:${REGION}:${ACCOUNT_ID}:channel/abcdABCDefgh`
  const { exitCode, stderr } = await ivs('get-channel', '--arn', arn)
  // Version 1 and version 2.
  expect([255, 254]).toContain(exitCode)
  expect(stderr).toContain('(ResourceNotFoundException) when calling the GetChannel operation')
  expect(stderr).toContain(`Resource: ${arn} not found`)
})

test('the command line reads metrics', async () => {
  const now = Math.floor(api.clock.nowMs() / 1000) * 1000
  api.write('IngestBitrate', { Channel: 'abcdABCDefgh' }, [1000, 3000])
  const listed = await aws('cloudwatch', 'list-metrics', '--namespace', 'AWS/IVS')
  expect(listed).toMatchObject({ exitCode: 0, stderr: '' })
  const Metric = {
    Namespace: 'AWS/IVS',
    MetricName: 'IngestBitrate',
    Dimensions: [{ Name: 'Channel', Value: 'abcdABCDefgh' }],
  }
  expect(JSON.parse(listed.stdout)).toEqual({ Metrics: [Metric] })
  const read = (stat: string): Promise<Outcome> =>
    aws(
      'cloudwatch',
      'get-metric-data',
      ...['--start-time', new Date(now - 60_000).toISOString()],
      ...['--end-time', new Date(now + 60_000).toISOString()],
      ...[
        '--metric-data-queries',
        JSON.stringify([{ Id: 'm', MetricStat: { Metric, Period: 1, Stat: stat } }]),
      ],
    )
  const answer = JSON.parse((await read('Sum')).stdout) as { MetricDataResults: { Values: number[] }[] }
  expect(answer.MetricDataResults.map(({ Values }) => Values)).toEqual([[3000, 1000]])
  expect(JSON.parse((await read('p99')).stdout)).toMatchObject({
    MetricDataResults: [{ Values: [3000, 1000] }],
  })
  expect((await read('p101')).stderr).toContain(
    '(InvalidParameterValue) when calling the GetMetricData operation',
  )
})
