/**
 * `headwater serve` as operators run it, with what a measurement needs around it.
 */
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  CreateChannelCommand,
  ImportPlaybackKeyPairCommand,
  IvsClient,
  ListStreamsCommand,
} from '@aws-sdk/client-ivs'
import type { ChannelType, TranscodePreset } from '../../src/domain/channel.ts'
import { startOwned, type OwnedProcess } from './owned-process.ts'
import { scratchDirectory } from './scratch-directory.ts'

/** A server under measurement. */
export type HeadwaterServer = AsyncDisposable & {
  readonly pid: number
  readonly rtmpPort: number
  readonly apiUrl: string
  /** Warnings and errors of its log so far. */
  readonly warnings: () => readonly string[]
  readonly createChannels: (count: number, options?: ChannelOptions) => Promise<readonly BenchChannel[]>
  /** Imports a playback key. */
  readonly importKey: (publicKeyPem: string) => Promise<void>
  /** Streams that the API calls live. */
  readonly countLive: () => Promise<number>
  /** What it wrote to standard error, the last of it. */
  readonly complaints: () => string
  /** Ends it and gives the CPU profile's file, if one was asked for. */
  readonly stop: () => Promise<void>
}

/** How channels are made. */
export type ChannelOptions = {
  readonly containerFormat?: 'TS' | 'FRAGMENTED_MP4'
  /** Default `BASIC`. */
  readonly type?: ChannelType
  /** Of the ADVANCED types. */
  readonly preset?: Exclude<TranscodePreset, ''>
  /** Whether it is private. Default false. */
  readonly authorized?: boolean
}

/** A channel as publishers and players know it. */
export type BenchChannel = { readonly arn: string; readonly streamKey: string; readonly playbackUrl: string }

/** How the server is run. */
export type HeadwaterOptions = {
  readonly flags?: readonly string[]
  readonly core?: number | undefined
  /** Of Node itself. */
  readonly nodeFlags?: readonly string[]
  /** Folder for a CPU profile, which is written when the server stops. */
  readonly profileDirectory?: string | undefined
}

const PROGRAM = fileURLToPath(new URL('../../bin/headwater.js', import.meta.url))
/** Flags of Node, as in the first line of the program. */
export const OWN_NODE_FLAGS: readonly string[] = ['--max-semi-space-size=8', '--v8-pool-size=0']
const FREE_PORTS = ['--http-port', '0', '--rtmp-port', '0', '--tls-port', '0']
const START_TIMEOUT_MS = 30_000
const MAX_WARNINGS = 50
const CREATE_AT_ONCE = 8

/** Starts a server on free ports and waits for its addresses. */
export async function startHeadwater(options: HeadwaterOptions = {}): Promise<HeadwaterServer> {
  const dataDir = join(scratchDirectory('headwater'), 'data')
  const profile = options.profileDirectory
    ? ['--cpu-prof', `--cpu-prof-dir=${options.profileDirectory}`, '--cpu-prof-interval=500']
    : []
  const { nodeFlags = [] } = options
  const logging = ['--log-format', 'json', '--log-level', 'warn']
  const serve = [
    PROGRAM,
    'serve',
    '--no-demo',
    '--throttling',
    'off',
    '--data-dir',
    dataDir,
    ...FREE_PORTS,
    ...logging,
  ]
  const program = startOwned(
    process.execPath,
    [...OWN_NODE_FLAGS, ...nodeFlags, ...profile, ...serve, ...(options.flags ?? [])],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      core: options.core,
    },
  )
  const warnings: string[] = []
  const addresses = await readAddresses(program, warnings)
  const apiUrl = addresses['api'] ?? ''
  const client = new IvsClient({
    endpoint: apiUrl,
    region: 'us-west-2',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  })
  const stop = async (): Promise<void> => {
    client.destroy()
    await program.stop()
  }
  return {
    pid: program.pid,
    rtmpPort: Number(new URL(addresses['rtmp'] ?? '').port),
    apiUrl,
    warnings: () => warnings,
    createChannels: (count, channelOptions = {}) => createChannels(client, count, channelOptions),
    importKey: async (publicKeyMaterial) => {
      await client.send(new ImportPlaybackKeyPairCommand({ publicKeyMaterial }))
    },
    countLive: () => countLive(client),
    complaints: program.complaints,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

function readAddresses(program: OwnedProcess, warnings: string[]): Promise<Record<string, string>> {
  return new Promise((resolve, reject) => {
    const timeout = setTimeout(() => reject(new Error('headwater did not start in time')), START_TIMEOUT_MS)
    void program.exited.then((code) =>
      reject(new Error(`headwater ended with ${String(code)}: ${program.complaints()}`)),
    )
    createInterface({ input: program.child.stdout! }).on('line', (line) => {
      if (!line.startsWith('{"addresses"')) {
        if (warnings.length < MAX_WARNINGS) warnings.push(line)
        return
      }
      clearTimeout(timeout)
      resolve((JSON.parse(line) as { addresses: Record<string, string> }).addresses)
    })
  })
}

async function createChannels(
  client: IvsClient,
  count: number,
  options: ChannelOptions,
): Promise<BenchChannel[]> {
  const channels: BenchChannel[] = []
  const createNext = async (): Promise<void> => {
    for (let index = channels.length; index < count; index = channels.length) {
      const slot = channels.push({ arn: '', streamKey: '', playbackUrl: '' }) - 1
      const command = new CreateChannelCommand({ name: `bench-${index}`, type: 'BASIC', ...options })
      const { channel, streamKey } = await client.send(command)
      const { arn = '', playbackUrl = '' } = channel ?? {}
      channels[slot] = { arn, streamKey: streamKey?.value ?? '', playbackUrl }
    }
  }
  await Promise.all(Array.from({ length: CREATE_AT_ONCE }, createNext))
  return channels
}

async function countLive(client: IvsClient): Promise<number> {
  let count = 0
  let nextToken: string | undefined
  do {
    const page = await client.send(new ListStreamsCommand({ maxResults: 100, nextToken }))
    count += page.streams?.length ?? 0
    nextToken = page.nextToken
  } while (nextToken !== undefined)
  return count
}
