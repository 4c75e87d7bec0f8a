/**
 * Debian's nginx as the peer: its RTMP module writing plain HLS, or its HTTP server sending files.
 *
 * One process on one core without a master, so that its use is read from one place.
 */
import { writeFile } from 'node:fs/promises'
import { createServer, connect, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { startOwned, type OwnedProcess } from './owned-process.ts'
import { scratchDirectory } from './scratch-directory.ts'

/** A running nginx. */
export type NginxServer = AsyncDisposable & {
  readonly pid: number
  readonly rtmpPort: number
  readonly httpUrl: string
  /** Where its HTTP server finds files, and its RTMP module puts them. */
  readonly directory: string
  readonly complaints: () => string
}

const START_TIMEOUT_MS = 10_000
const RTMP_MODULE = '/usr/lib/nginx/modules/ngx_rtmp_module.so'

/** Seconds in a segment of the RTMP module, and in its playlists. */
export const NGINX_HLS = { fragmentSeconds: 2, playlistSeconds: 30 } as const

/** How nginx is run. */
export type NginxOptions = {
  readonly core?: number | undefined
  /** Whether its HTTP server keeps files open, as is right for files that never change. */
  readonly keepsFilesOpen: boolean
}

/** Starts nginx; its files lie in memory, so no disk stands between the two servers. */
export async function startNginx(options: NginxOptions): Promise<NginxServer> {
  const directory = scratchDirectory('nginx', '/dev/shm')
  const [rtmpPort, httpPort] = [await freePort(), await freePort()]
  const configFile = join(directory, 'nginx.conf')
  await writeFile(configFile, configuration(directory, rtmpPort, httpPort, options.keepsFilesOpen))
  const program = startOwned('nginx', ['-c', configFile, '-p', directory, '-e', 'stderr'], {
    core: options.core,
  })
  await Promise.all([untilListening(rtmpPort, program), untilListening(httpPort, program)])
  return {
    pid: program.pid,
    rtmpPort,
    httpUrl: `http://127.0.0.1:${httpPort}`,
    directory,
    complaints: program.complaints,
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  }
}

function configuration(
  directory: string,
  rtmpPort: number,
  httpPort: number,
  keepsFilesOpen: boolean,
): string {
  return `
load_module ${RTMP_MODULE};
daemon off;
master_process off;
worker_processes 1;
pid ${directory}/nginx.pid;
error_log stderr warn;
worker_rlimit_nofile 20000;
events { worker_connections 10000; }
rtmp {
  access_log off;
  server {
    listen 127.0.0.1:${rtmpPort};
    chunk_size 4096;
    application app {
      live on;
      hls on;
      hls_path ${directory};
      hls_fragment ${NGINX_HLS.fragmentSeconds}s;
      hls_playlist_length ${NGINX_HLS.playlistSeconds}s;
    }
  }
}
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 100000000;
  open_file_cache ${keepsFilesOpen ? 'max=1000' : 'off'};
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  types { application/vnd.apple.mpegurl m3u8; video/mp2t ts; }
  server {
    listen 127.0.0.1:${httpPort};
    root ${directory};
    gzip_static on;
    gzip_vary on;
    add_header Access-Control-Allow-Origin "*";
    add_header Access-Control-Expose-Headers "Content-Length,Content-Range,Date";
    location ~ [.]m3u8$ { add_header Access-Control-Allow-Origin "*"; add_header Cache-Control "public, max-age=0, s-maxage=1"; }
    location ~ [.]ts$ { add_header Access-Control-Allow-Origin "*"; add_header Cache-Control "public, max-age=0, s-maxage=3600"; }
  }
}
`
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}

async function untilListening(port: number, program: OwnedProcess): Promise<void> {
  const deadlineMs = performance.now() + START_TIMEOUT_MS
  while (!(await accepts(port))) {
    if (performance.now() > deadlineMs || program.child.exitCode !== null) {
      throw new Error(`nginx does not listen: ${program.complaints()}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
