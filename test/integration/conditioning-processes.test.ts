/**
 * The process that conditions a creative does not outlive the server, however that ends.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CreativeFiles } from '../harness/creative-files.ts'

let files: CreativeFiles

beforeAll(async () => {
  files = await CreativeFiles.create()
  const source = ['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=30:duration=10']
  await files.make('short.mp4', ...source, '-c:v', 'libx264', '-preset', 'ultrafast')
  await files.make('long.mp4', '-stream_loop', '28', '-i', files.path('short.mp4'), '-c', 'copy')
})

afterAll(() => files.remove())

test('ends within seconds when the server is killed, and the next server clears up', async () => {
  const script = new URL('../harness/conditioning-parent.ts', import.meta.url).pathname
  const parent = spawn(process.execPath, [script, files.directory, 'long.mp4'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: parent.stdout })
  const [line] = (await once(lines, 'line')) as [string]
  const pid = Number(line)
  expect(await isRunning(pid)).toBe(true)
  parent.kill('SIGKILL')
  await expect.poll(() => isRunning(pid), { timeout: 5000 }).toBe(false)
  const library = await files.openLibrary('ads')
  expect(library.totals).toMatchObject({ storedCreatives: 0, storedBytes: 0 })
})

/** Whether it is neither gone nor only waiting to be taken notice of (proc(5)). */
async function isRunning(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ' Z ')
  return / ([A-Z]) /.exec(stat)?.[1] !== 'Z'
}
