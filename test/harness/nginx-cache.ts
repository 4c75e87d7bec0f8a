/**
 * nginx as a shared HTTP cache in front of a server: what a CDN does, with a real one's rules.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A running cache; `await using` stops it. */
export type NginxCache = AsyncDisposable & { readonly url: string }

const START_TIMEOUT_MS = 5000
const POLL_MS = 20

/** How the cache differs from its usual self. */
export type NginxCacheOptions = {
  /** What tells requests apart, in nginx's words; by default the whole URL. */
  readonly cacheKey?: string
}

/** Starts nginx caching everything that `upstreamUrl` allows it to. The answer header `X-Cache` tells HIT or MISS. */
export async function startNginxCache(
  upstreamUrl: string,
  options: NginxCacheOptions = {},
): Promise<NginxCache> {
  const folder = await mkdtemp(join(tmpdir(), 'headwater-nginx-'))
  const port = await freePort()
  const file = join(folder, 'nginx.conf')
  await writeFile(file, configuration(folder, port, upstreamUrl, options))
  const child = spawn('nginx', ['-c', file, '-p', folder, '-e', 'stderr'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text))
  const exited = once(child, 'exit')
  await Promise.race([
    untilListening(port),
    exited.then(() => {
      throw new Error(`nginx ended: ${complaints}`)
    }),
  ])
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM')
      await exited
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function configuration(
  folder: string,
  port: number,
  upstreamUrl: string,
  { cacheKey = '$scheme$proxy_host$request_uri' }: NginxCacheOptions,
): string {
  return `
    daemon off;
    master_process off;
    pid ${folder}/nginx.pid;
    events {}
    http {
      access_log off;
      client_body_temp_path ${folder}/body;
      proxy_temp_path ${folder}/proxy;
      fastcgi_temp_path ${folder}/fastcgi;
      uwsgi_temp_path ${folder}/uwsgi;
      scgi_temp_path ${folder}/scgi;
      proxy_cache_path ${folder}/cache keys_zone=media:1m;
      server {
        listen 127.0.0.1:${port};
        location / {
          proxy_pass ${upstreamUrl};
          proxy_http_version 1.1;
          proxy_cache media;
          proxy_cache_lock on;
          proxy_cache_key ${cacheKey};
          add_header X-Cache $upstream_cache_status always;
        }
      }
    }`
}

async function freePort(): Promise<number> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  await once(server.close(), 'close')
  return port
}

async function untilListening(port: number): Promise<void> {
  const deadlineMs = Date.now() + START_TIMEOUT_MS
  while (!(await accepts(port))) {
    if (Date.now() > deadlineMs) throw new Error('nginx did not listen in time')
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
