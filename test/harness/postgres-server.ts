/**
 * A PostgreSQL server of the tests' own: its files, its socket and its process end with it.
 */
import { spawn, spawnSync, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { postgresPrograms } from './postgres-programs.ts'

/** A running server; `await using` stops it and removes what it stored. */
export type PostgresServer = AsyncDisposable & {
  /** The URL of a fresh, empty database, password included. */
  readonly createDatabase: () => Promise<string>
  /** Removes a database, whoever is connected to it. */
  readonly dropDatabase: (url: string) => Promise<void>
  /** Kills every process of the server at once, as a power cut would, and resolves when they are gone. */
  readonly crash: () => Promise<void>
  /** Starts it again after `crash`. */
  readonly restart: () => Promise<void>
}

/** How a server is started. */
export type PostgresOptions = {
  /** Whether commits wait for the disk, as PostgreSQL does by itself. Default false. */
  readonly durable?: boolean
}

const USER = 'headwater'
const PASSWORD = 'pass word/@:#?'
const START_TIMEOUT_MS = 20_000
const POLL_MS = 20
// What is written for a test need not outlive a power cut.
const FAST = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']

/** Starts a server that nobody else can reach. */
export async function startPostgres({ durable }: PostgresOptions = {}): Promise<PostgresServer> {
  const programs = postgresPrograms()
  const folder = await mkdtemp(join(tmpdir(), 'headwater-pg-'))
  const owner = ordinaryUser()
  if (owner) chownSync(folder, owner.uid, owner.gid)
  await initialise(join(programs, 'initdb'), folder, { cwd: folder, ...owner })
  const settings = ['listen_addresses=', `unix_socket_directories=${folder}`, ...(durable ? [] : FAST)]
  const args = ['-D', join(folder, 'files'), ...settings.flatMap((setting) => ['-c', setting])]
  const url = (database: string): string => {
    const query = new URLSearchParams({ host: folder, user: USER, password: PASSWORD })
    return `postgresql:///${database}?${query.toString()}`
  }
  const run = (): Promise<ChildProcess> => launch(join(programs, 'postgres'), args, owner, url('postgres'))
  let server = await run()
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return
    const exited = once(server, 'exit')
    server.kill(signal)
    await exited
  }
  return {
    createDatabase: async () => {
      const name = `test_${randomBytes(8).toString('hex')}`
      await execute(url('postgres'), `create database ${name}`)
      return url(name)
    },
    dropDatabase: (databaseUrl) =>
      execute(url('postgres'), `drop database ${new URL(databaseUrl).pathname.slice(1)} with (force)`),
    // SIGQUIT is PostgreSQL's immediate shutdown: no process writes anything any more, and the next start recovers.
    crash: () => end('SIGQUIT'),
    restart: async () => void (server = await run()),
    [Symbol.asyncDispose]: async () => {
      await end('SIGQUIT')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** PostgreSQL refuses to run as root. */
function ordinaryUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const users = readFileSync('/etc/passwd', 'utf8').split('\n')
  const [, , uid, gid] = users.find((line) => /^(postgres|nobody):/.test(line))?.split(':') ?? []
  if (uid === undefined || gid === undefined) throw new Error('root needs a user postgres or nobody')
  return { uid: Number(uid), gid: Number(gid) }
}

async function initialise(initdb: string, folder: string, options: SpawnOptions): Promise<void> {
  const passwordFile = join(folder, 'password')
  await writeFile(passwordFile, PASSWORD)
  const args = ['-D', join(folder, 'files'), '-U', USER, '-E', 'UTF8', '--no-locale', '--no-sync']
  const { status, stderr } = spawnSync(
    initdb,
    [...args, '--auth=scram-sha-256', `--pwfile=${passwordFile}`],
    { ...options, encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`initdb ended with ${status}: ${stderr}`)
}

async function launch(
  postgres: string,
  args: readonly string[],
  owner: SpawnOptions | undefined,
  url: string,
): Promise<ChildProcess> {
  const child = spawn(postgres, args, { stdio: ['ignore', 'ignore', 'pipe'], ...owner })
  let complaints = ''
  child.stderr
    ?.setEncoding('utf8')
    .on('data', (text: string) => (complaints = (complaints + text).slice(-4000)))
  const deadlineMs = Date.now() + START_TIMEOUT_MS
  for (;;) {
    try {
      await execute(url, 'select 1')
      return child
    } catch (cause) {
      if (child.exitCode !== null || Date.now() > deadlineMs) {
        child.kill('SIGQUIT')
        throw new Error(`PostgreSQL did not start: ${complaints}`, { cause })
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  }
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url })
  // Told by the query as well, when there is one.
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query(statement)
  } finally {
    await client.end()
  }
}
