import { createReadStream } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CreativeFiles } from '../../test/harness/creative-files.ts'
import { silentLogger } from '../base/logger.ts'
import { creativesDirectory, runWarm } from './ads-command.ts'
import { parseCommandLine } from './cli.ts'

let files: CreativeFiles
const server = createServer((request, response) => {
  if (request.url === '/plain.mp4') createReadStream(files.path('plain.mp4')).pipe(response)
  else response.writeHead(404).end()
})

beforeAll(async () => {
  files = await CreativeFiles.create()
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=64x36:rate=10:duration=1']
  await files.make('plain.mp4', ...picture, '-c:v', 'libx264', '-preset', 'ultrafast')
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})

afterAll(async () => {
  server.close()
  await files.remove()
})

test('reads what to condition for which channels, and where', () => {
  const args = ['--type', 'BASIC', '--size', '1280x720', '--bitrate', '4000000', '--data-dir', '/data']
  expect(parseCommandLine(['ads', 'warm', 'http://a/1.mp4', 'http://a/2.mp4', ...args])).toEqual({
    kind: 'warm-ads',
    command: {
      urls: ['http://a/1.mp4', 'http://a/2.mp4'],
      channel: { type: 'BASIC', preset: '', width: 1280, height: 720, frameRate: 30, bitrateBps: 4_000_000 },
      flags: { dataDir: '/data' },
    },
  })
})

test.each([
  [['ads', 'warm'], /missing required argument 'url'/],
  [['ads', 'warm', 'x', '--size', 'large'], /want width and height/],
  [['ads', 'warm', 'x', '--bitrate', '-1'], /want a number above 0/],
])('refuses %j', (args, problem) => {
  const invocation = parseCommandLine(args)
  expect(invocation.kind === 'refused' && invocation.problem).toMatch(problem)
})

test('conditions each creative into the data directory and says what became of it', async () => {
  const { port } = server.address() as AddressInfo
  const host = `127.0.0.1:${port}`
  const config = { dataDir: files.directory, ffmpeg: 'ffmpeg', adTargetAllow: host }
  const size = { width: 64, height: 36, frameRate: 10, bitrateBps: 300_000 }
  const channel = { type: 'BASIC', preset: '', ...size } as const
  const lines: string[] = []
  const output = { print: (line: string) => lines.push(line), logger: silentLogger }
  const urls = [`http://${host}/plain.mp4`, `http://${host}/missing.mp4`]
  expect(await runWarm({ urls, channel }, config, output)).toBe(false)
  expect(lines).toEqual([
    `ready ${urls[0] ?? ''}`,
    `CREATIVE_UNREACHABLE ${urls[1] ?? ''} ${host} (path of 12 characters): answered 404`,
  ])
  expect(
    await runWarm({ urls: urls.slice(0, 1), channel }, { ...config, adTargetAllow: undefined }, output),
  ).toBe(true)
  const serverLibrary = await files.openLibrary(creativesDirectory(config).slice(files.directory.length + 1))
  expect(serverLibrary.totals.storedCreatives).toBe(1)
})
