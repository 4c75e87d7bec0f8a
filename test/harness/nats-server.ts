/**
 * A NATS server on a free loopback port, with JetStream.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'

/** A server that runs; `await using` ends it. */
export type NatsServer = AsyncDisposable & { readonly port: number; readonly url: string }

/** Debian keeps daemons out of the PATH of most users. */
const DAEMON_DIRECTORIES = ['/usr/sbin', '/usr/local/sbin', '/sbin']
const LISTENING = /Listening for client connections on 127\.0\.0\.1:(\d+)/
const READY = /Server is ready/

/**
 * Starts a server; `port` 0 picks a free one.
 *
 * @throws {Error} saying what to install.
 */
export async function startNatsServer(options: { port?: number } = {}): Promise<NatsServer> {
  const storeDirectory = await mkdtemp(join(tmpdir(), 'headwater-nats-'))
  const { port: wantedPort = 0 } = options
  const portArgument = wantedPort === 0 ? '-1' : String(wantedPort)
  const args = ['-a', '127.0.0.1', '-p', portArgument, '-js', '-sd', storeDirectory]
  const child = spawn(natsProgram(), args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const exited = once(child, 'exit')
  const port = await new Promise<number>((resolve, reject) => {
    let listeningPort = 0
    createInterface({ input: child.stderr }).on('line', (line) => {
      listeningPort = Number(LISTENING.exec(line)?.[1] ?? listeningPort)
      if (READY.test(line)) resolve(listeningPort)
    })
    void exited.then(() => reject(new Error('nats-server did not start')))
  })
  return {
    port,
    url: `nats://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await exited
      await rm(storeDirectory, { recursive: true, force: true })
    },
  }
}

function natsProgram(): string {
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), ...DAEMON_DIRECTORIES]
  const found = directories
    .map((directory) => join(directory, 'nats-server'))
    .find((path) => existsSync(path))
  if (found === undefined) throw new Error('nats-server is missing: install the package nats-server')
  return found
}
