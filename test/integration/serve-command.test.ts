/**
 * Runs the command as a process of its own: addresses, signals and exit codes are its contract.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const COMMAND = resolve(import.meta.dirname, '..', '..', 'bin', 'headwater.js')
const FREE_PORTS = ['--http-port', '0', '--rtmp-port', '0', '--tls-port', '0']

/** No settings; only where Node keeps what it compiled. */
const ENVIRONMENT = { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] }

let dataDir = ''
let children: ChildProcess[] = []

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'headwater-main-'))
  children = []
})

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  await rm(dataDir, { recursive: true, force: true })
})

type Run = {
  readonly child: ChildProcess
  readonly output: () => string
  readonly errors: () => string
  /** Resolves with the exit code, null after a signal. */
  readonly ended: Promise<number | null>
  /** Resolves with the output once `pattern` is in it, or when the process ends. */
  readonly printed: (pattern: RegExp) => Promise<string>
}

function serve(...flags: string[]): Run {
  const args = [COMMAND, 'serve', '--data-dir', dataDir, ...FREE_PORTS, ...flags]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env: ENVIRONMENT })
  children.push(child)
  let [output, errors] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  const ended = once(child, 'close').then(([code]) => code as number | null)
  const printed = (pattern: RegExp): Promise<string> =>
    new Promise((found) => {
      const look = (): void => {
        if (pattern.test(output)) found(output)
      }
      child.stdout.on('data', look)
      void ended.then(() => found(output))
      look()
    })
  return { child, output: () => output, errors: () => errors, ended, printed }
}

async function occupyPort(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      await once(server.close(), 'close')
    },
  }
}

describe('a server that runs', () => {
  test('prints each address as "name: url", is healthy then, and exits 0 after SIGTERM', async () => {
    const server = serve()
    const output = await server.printed(/^rtmps: .*\n/m)
    const addresses = new Map([...output.matchAll(/^([a-z]+): (.+)$/gm)].map(([, name, url]) => [name, url]))
    expect([...addresses.keys()]).toEqual(['console', 'api', 'https', 'rtmp', 'rtmps'])
    const health = await fetch(`${addresses.get('api') ?? ''}/healthz`)
    expect(health.status).toBe(200)
    server.child.kill('SIGTERM')
    expect(await server.ended).toBe(0)
    expect(server.errors()).toBe('')
  })

  test('prints its addresses as one JSON object with --log-format json, and nothing but JSON', async () => {
    const server = serve('--log-format', 'json')
    await server.printed(/"rtmps"/)
    server.child.kill('SIGINT')
    expect(await server.ended).toBe(0)
    const lines = server.output().trimEnd().split('\n')
    const parsed = lines.map((line) => JSON.parse(line) as { addresses?: Record<string, string> })
    const [found] = parsed.flatMap(({ addresses }) => (addresses ? [addresses] : []))
    expect(found?.['rtmp']).toMatch(/^rtmp:\/\/127\.0\.0\.1:[1-9][0-9]*\/app$/)
  })

  test('with access keys in its config file, the API refuses a key it does not know', async () => {
    const configFile = join(dataDir, 'config.yaml')
    const accessKey = '{ id: AKIAEXAMPLE000000001, secret: not-a-secret-at-all }'
    await writeFile(configFile, `accessKeys: [${accessKey}]\n`)
    const server = serve('--config', configFile)
    const output = await server.printed(/^rtmps: .*\n/m)
    const api = /^api: (.*)$/m.exec(output)?.[1] ?? ''
    const scope = '20260101/us-west-2/ivs/aws4_request'
    const authorization = `AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE000000002/${scope}, SignedHeaders=host, Signature=${'0'.repeat(64)}`
    const headers = { authorization, 'x-amz-date': '20260101T000000Z', 'content-type': 'application/json' }
    const answer = await fetch(`${api}/ListChannels`, { method: 'POST', headers, body: '{}' })
    expect(answer.headers.get('x-amzn-errortype')).toBe('UnrecognizedClientException')
    server.child.kill('SIGTERM')
    expect(await server.ended).toBe(0)
  })

  test('a second signal while it stops changes nothing', async () => {
    const server = serve()
    await server.printed(/^rtmps: .*\n/m)
    server.child.kill('SIGINT')
    server.child.kill('SIGTERM')
    expect(await server.ended).toBe(0)
  })
})

describe('a server that cannot start', () => {
  test.each(['http', 'rtmp', 'tls'])('names the %s port in use and its setting in one line', async (name) => {
    await using taken = await occupyPort()
    const server = serve(`--${name}-port`, String(taken.port))
    expect(await server.ended).toBe(1)
    expect(server.errors()).toBe(
      `headwater: port ${taken.port} is in use; give another one with --${name}-port (setting ${name}Port)\n`,
    )
  })

  test('names a data directory in use by another process in one line', async () => {
    const first = serve()
    await first.printed(/^rtmps: .*\n/m)
    const second = serve()
    expect(await second.ended).toBe(1)
    expect(second.errors()).toMatch(/^headwater: .*in use by another process\n$/)
    expect(second.errors()).toContain(dataDir)
    first.child.kill('SIGTERM')
    expect(await first.ended).toBe(0)
  })

  test.each([
    [['--part-ms', '5'], 'partMs (flag --part-ms) is "5"; want a whole number from 100 to 1000 milliseconds'],
    [['--transcode'], "unknown option '--transcode'"],
    [['--host', '192.0.2.77x!'], 'host (flag --host) is "192.0.2.77x!"; want a host name or an IP address'],
    [['--tls-key-file', '/key.pem'], 'tlsKeyFile is set without tlsCertificateFile; want both or none'],
  ])('%j is refused in one line', async (flags, line) => {
    const server = serve(...flags)
    expect(await server.ended).toBe(1)
    expect(server.errors()).toBe(`headwater: ${line}\n`)
    expect(server.output()).toBe('')
  })

  test('listening beyond loopback without access keys is refused', async () => {
    const server = serve('--host', '0.0.0.0')
    expect(await server.ended).toBe(1)
    expect(server.errors()).toMatch(/^headwater: host is "0\.0\.0\.0", .* no accessKeys are set.*\n$/)
  })

  test('a certificate that is not there is named in one line', async () => {
    const server = serve('--tls-key-file', '/nowhere/key.pem', '--tls-certificate-file', '/nowhere/cert.pem')
    expect(await server.ended).toBe(1)
    expect(server.errors()).toMatch(/^headwater: .*\/nowhere\/cert\.pem.*\n$/)
  })
})
