import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  CreativeFiles,
  requestFile as requestFor,
  TEST_TOOL,
  TINY_PROFILE,
} from '../../../test/harness/creative-files.ts'
import { RecordingLogger } from '../../../test/harness/recording-logger.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { OutboundError } from '../outbound/outbound-error.ts'
import { MAX_RUNNING_PER_HOST, type ConditioningLibrary } from './conditioning-library.ts'
import { FIRST_PAUSE_MS, LONGEST_PAUSE_MS } from './failure-memory.ts'

let files: CreativeFiles

beforeAll(async () => {
  files = await CreativeFiles.create()
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=64x36:rate=10:duration=1']
  await files.make('plain.mp4', ...picture, '-c:v', 'libx264', '-preset', 'ultrafast')
  const long = ['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=30:duration=60']
  await files.make('long.mp4', ...long, '-c:v', 'libx264', '-preset', 'ultrafast')
})

afterAll(() => files.remove())

function requestFile(library: ConditioningLibrary, name: string, creativeId = '', profile = TINY_PROFILE) {
  return requestFor(library, name, creativeId, profile)
}

function warm(library: ConditioningLibrary, ...names: readonly string[]) {
  return library.warm(
    names.map((name) => `http://ads.test/${name}`),
    TINY_PROFILE,
  )
}

async function failureOf(library: ConditioningLibrary, name: string): Promise<string | undefined> {
  return (await warm(library, name))[0]?.result
}

test('is new when first asked for, then running, then ready', async () => {
  const library = await files.openLibrary('states')
  expect(requestFile(library, 'plain.mp4')).toEqual({ kind: 'new' })
  expect(requestFile(library, 'plain.mp4')).toEqual({ kind: 'running' })
  expect(library.totals).toMatchObject({ running: 1, queued: 0, storedCreatives: 0 })
  await warm(library, 'plain.mp4')
  expect(requestFile(library, 'plain.mp4')).toEqual({
    kind: 'ready',
    creative: {
      key: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      assetId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) as string,
      durationTicks: 90_000,
    },
  })
  expect(library.totals).toMatchObject({ running: 0, conditioned: 1, storedCreatives: 1 })
})

test('serves any creative id with what was conditioned ahead, but no other file or profile', async () => {
  const library = await files.openLibrary('ahead')
  await warm(library, 'plain.mp4')
  expect(requestFile(library, 'plain.mp4', 'summer-sale').kind).toBe('ready')
  expect(requestFile(library, 'plain.mp4?v=2', 'summer-sale').kind).toBe('new')
  expect(requestFile(library, 'plain.mp4', '', { ...TINY_PROFILE, fingerprint: 'other' }).kind).toBe('new')
  await library.stop()
})

test('takes a few of one host at once, in the order of the requests', async () => {
  const library = await files.openLibrary('order')
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) requestFile(library, 'plain.mp4', id)
  expect(library.totals).toMatchObject({ running: MAX_RUNNING_PER_HOST, queued: 2 })
  await library.stop()
  expect(library.totals).toMatchObject({ running: 0, queued: 0 })
})

test('conditions creatives of other hosts while one host never sends its own', async () => {
  const library = await files.openLibrary('hanging', {
    outbound: {
      fetchToFile: (request, path, maxBytes) =>
        request.url.startsWith('http://hangs.test/')
          ? new Promise((_resolve, reject) =>
              request.signal?.addEventListener('abort', () =>
                reject(new OutboundError('NETWORK', 'given up')),
              ),
            )
          : files.outbound.fetchToFile(request, path, maxBytes),
    },
  })
  for (let id = 0; id < 20; id++) {
    library.request({ creativeId: String(id), url: `http://hangs.test/${id}` }, TINY_PROFILE)
  }
  expect((await warm(library, 'plain.mp4'))[0]?.result).toBe('ready')
  expect(library.totals).toMatchObject({ running: MAX_RUNNING_PER_HOST, queued: 16 })
  await library.stop()
})

test('turns creatives away while too many wait, and takes them later', async () => {
  const fetchToFile = () => new Promise<never>(() => undefined)
  const library = await files.openLibrary('full', { outbound: { fetchToFile } })
  for (let id = 0; id < 256 + MAX_RUNNING_PER_HOST; id++)
    expect(requestFile(library, 'plain.mp4', `${id}`).kind).toBe('new')
  expect(requestFile(library, 'plain.mp4', 'one more')).toEqual({ kind: 'failed', failure: 'not-tried' })
  expect(library.totals).toMatchObject({ running: MAX_RUNNING_PER_HOST, queued: 256, turnedAway: 1 })
})

test('tries one that cannot be fetched again after growing pauses', async () => {
  const clock = new ManualClock()
  const library = await files.openLibrary('missing', { clock })
  expect(await failureOf(library, 'missing.mp4')).toBe('CREATIVE_UNREACHABLE')
  expect(requestFile(library, 'missing.mp4').kind).toBe('failed')
  clock.advance(FIRST_PAUSE_MS - 1)
  expect(requestFile(library, 'missing.mp4').kind).toBe('failed')
  clock.advance(1)
  expect(requestFile(library, 'missing.mp4').kind).toBe('new')
  await warm(library, 'missing.mp4')
  clock.advance(FIRST_PAUSE_MS)
  expect(requestFile(library, 'missing.mp4').kind).toBe('failed')
  expect(library.totals.failures).toEqual(new Map([['CREATIVE_UNREACHABLE', 2]]))
})

test.each([
  ['NETWORK', 'CREATIVE_UNREACHABLE', 'unavailable'],
  ['HTTP_STATUS', 'CREATIVE_UNREACHABLE', 'unavailable'],
  ['TIMEOUT', 'CREATIVE_TIMEOUT', 'timed-out'],
  ['TOO_LARGE', 'CREATIVE_TOO_LARGE', 'unsuitable'],
] as const)('a fetch that ends with %s is %s, and the creative is %s', async (code, result, failure) => {
  const fetchToFile = (): Promise<never> => Promise.reject(new OutboundError(code, 'no file'))
  const library = await files.openLibrary(`fetch-${code}`, { outbound: { fetchToFile } })
  expect(await failureOf(library, 'any.mp4')).toBe(result)
  expect(requestFile(library, 'any.mp4')).toEqual({ kind: 'failed', failure })
})

test.each([
  ['text', 'Not found', 'CREATIVE_UNREADABLE'],
  ['an empty file', '', 'CREATIVE_UNREADABLE'],
  ['a live playlist', '#EXTM3U\n#EXTINF:2,\nplain.mp4\n', 'CREATIVE_PLAYLIST_UNSUPPORTED'],
  ['a list of local files', 'ffconcat version 1.0\nfile plain.mp4\n', 'CREATIVE_UNREADABLE'],
])('does not take %s for a creative, and waits long before it looks again', async (_, text, code) => {
  const clock = new ManualClock()
  const library = await files.openLibrary(`odd-${text.length}`, { clock })
  await writeFile(files.path('odd.mp4'), text)
  expect(await failureOf(library, 'odd.mp4')).toBe(code)
  clock.advance(LONGEST_PAUSE_MS - 1)
  expect(requestFile(library, 'odd.mp4').kind).toBe('failed')
  clock.advance(1)
  expect(requestFile(library, 'odd.mp4').kind).toBe('new')
  await library.stop()
})

test('does not play a creative whose pictures are damaged', async () => {
  const library = await files.openLibrary('damaged')
  await files.make(
    'damaged.mkv',
    '-i',
    files.path('long.mp4'),
    '-t',
    '2',
    '-c',
    'copy',
    '-bsf:v',
    'noise=amount=30',
  )
  expect(await failureOf(library, 'damaged.mkv')).toBe('CREATIVE_UNREADABLE')
})

test('does not play a creative of more than five minutes', async () => {
  const library = await files.openLibrary('long')
  const source = ['-f', 'lavfi', '-i', 'color=size=16x16:rate=1:duration=302']
  await files.make('too-long.mp4', ...source, '-c:v', 'libx264', '-preset', 'ultrafast')
  expect(await failureOf(library, 'too-long.mp4')).toBe('CREATIVE_TOO_LONG')
})

test('does not play a single picture', async () => {
  const library = await files.openLibrary('still')
  await files.make('still.mp4', '-i', files.path('plain.mp4'), '-frames:v', '1')
  expect(await failureOf(library, 'still.mp4')).toBe('CREATIVE_TOO_SHORT')
})

test('fails when the transcoder is killed, and leaves nothing behind', async () => {
  const pids: number[] = []
  const onPid = (pid: number): void => {
    // The first look is over: this one encodes.
    if (pids.push(pid) === 2) process.kill(pid, 'SIGKILL')
  }
  const mediaTool = { ...TEST_TOOL, onPid }
  const library = await files.openLibrary('killed', { mediaTool })
  expect(await failureOf(library, 'long.mp4')).toBe('CONDITIONING_FAILED')
  expect(await readdir(files.path('killed'))).toEqual([])
})

test('says which program is missing', async () => {
  const logger = new RecordingLogger()
  const mediaTool = { ...TEST_TOOL, program: '/nowhere/ffmpeg' }
  const library = await files.openLibrary('no-program', { mediaTool, logger })
  expect(await failureOf(library, 'plain.mp4')).toBe('CONDITIONING_FAILED')
  expect(logger.lines.map(({ sentence, fields }) => [sentence, fields['reason'], fields['host']])).toEqual([
    ['creative cannot be conditioned', 'ffmpeg cannot be run (ENOENT)', 'ads.test'],
  ])
})

test('never writes the address of a creative to the log', async () => {
  const logger = new RecordingLogger()
  const library = await files.openLibrary('quiet', { logger })
  await warm(library, 'plain.mp4', 'missing.mp4?secret=1')
  expect(logger.lines.map(({ sentence }) => sentence)).toEqual([
    'creative is conditioned',
    'creative cannot be conditioned',
  ])
  expect(JSON.stringify(logger.lines)).not.toMatch(/plain|secret/)
})

test('ends what it runs when it stops, and leaves nothing behind', async () => {
  const encoding = Promise.withResolvers<number>()
  let runs = 0
  const onPid = (pid: number): void => {
    if (++runs === 2) encoding.resolve(pid)
  }
  const mediaTool = { ...TEST_TOOL, onPid }
  const library = await files.openLibrary('stopped', { mediaTool })
  requestFile(library, 'long.mp4')
  requestFile(library, 'plain.mp4')
  const pid = await encoding.promise
  await library.stop()
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  expect(await readdir(files.path('stopped'))).toEqual([])
  expect(requestFile(library, 'plain.mp4').kind).toBe('failed')
})

test('finds its creatives again after a restart, and clears away what a crash left', async () => {
  const before = await files.openLibrary('restart')
  await warm(before, 'plain.mp4')
  await files.make(join('restart', 'work-of-a-crash.mp4'), '-i', files.path('plain.mp4'), '-c', 'copy')
  const after = await files.openLibrary('restart')
  expect(requestFile(after, 'plain.mp4')).toEqual(requestFile(before, 'plain.mp4'))
  expect(await readdir(files.path('restart'))).toHaveLength(1)
})

test('finds what another process conditioned ahead beside it', async () => {
  const clock = new ManualClock()
  const owner = await files.openLibrary('visited', { clock })
  const visitor = await files.openLibrary('visited', { role: 'visitor', maxCacheBytes: 1 })
  await warm(visitor, 'plain.mp4')
  clock.advance(10_000)
  await expect.poll(() => owner.totals.storedCreatives).toBe(1)
  expect(requestFile(owner, 'plain.mp4', 'any').kind).toBe('ready')
})

test('leaves the workspace of another process alone when it starts, until it is old', async () => {
  const workspace = join(files.path('work'), 'visit-1')
  await mkdir(workspace, { recursive: true })
  await files.openLibrary('work')
  expect(await readdir(files.path('work'))).toEqual(['visit-1'])
  await files.openLibrary('work', { clock: new ManualClock(Date.now() + 3_700_000) })
  expect(await readdir(files.path('work'))).toEqual([])
})

test('shares a loaded creative until everybody has released it', async () => {
  const library = await files.openLibrary('shared')
  const first = await files.condition(library, 'plain.mp4', TINY_PROFILE)
  const second = await library.load(first.media.key)
  expect(second?.media).toBe(first.media)
  expect(library.totals.heldCreatives).toBe(1)
  first.release()
  first.release()
  expect(library.totals.heldCreatives).toBe(1)
  second?.release()
  expect(library.totals).toMatchObject({ heldCreatives: 0, evictions: 0 })
})

test('evicts what was not asked for longest, but nothing that is held', async () => {
  const probe = await files.openLibrary('probe')
  await warm(probe, 'plain.mp4')
  const { storedBytes } = probe.totals
  const library = await files.openLibrary('evict', { maxCacheBytes: Math.round(2.5 * storedBytes) })
  const held = await files.condition(library, 'plain.mp4', TINY_PROFILE)
  for (const copy of ['plain.mp4#b', 'plain.mp4#c']) {
    await files.make(copy, '-f', 'mp4', '-i', files.path('plain.mp4'), '-c', 'copy', '-f', 'mp4')
    await warm(library, copy)
  }
  expect(library.totals).toMatchObject({ storedCreatives: 2, evictions: 1 })
  expect(requestFile(library, 'plain.mp4').kind).toBe('ready')
  expect(requestFile(library, 'plain.mp4#c').kind).toBe('ready')
  held.release()
  await library.stop()
})

test('makes a creative again whose file on disk was damaged', async () => {
  const library = await files.openLibrary('rotten')
  await warm(library, 'plain.mp4')
  const state = requestFile(library, 'plain.mp4')
  const key = state.kind === 'ready' ? state.creative.key : ''
  const path = join(files.path('rotten'), key, 'audio-1.ts')
  await files.make(join('rotten', key, 'copy.ts'), '-i', path, '-c', 'copy')
  await writeFile(path, 'damaged')
  expect(await library.load(key)).toBeUndefined()
  expect(requestFile(library, 'plain.mp4').kind).toBe('new')
  await warm(library, 'plain.mp4')
  expect((await library.load(key))?.media.key).toBe(key)
})

test('does not know a creative that nobody asked for', async () => {
  const library = await files.openLibrary('unknown')
  expect(await library.load('../../etc/passwd')).toBeUndefined()
})
