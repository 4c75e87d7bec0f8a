/**
 * The demo's ad server as a process: its creatives, its address and its end.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startDemoAds } from '../../src/app/demo-ads/demo-ads.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { childPidsWith } from '../harness/child-processes.ts'

const PARENT = fileURLToPath(new URL('../harness/demo-ads-parent.ts', import.meta.url))
const CREATIVES_TIMEOUT_MS = 45_000
const OPTIONS = { ffmpeg: 'ffmpeg', clock: systemClock, logger: silentLogger }

let dataDir: string
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'headwater-demo-ads-'))
})
afterAll(() => rm(dataDir, { recursive: true }))

test('serves three creatives that it made itself, and keeps its address over restarts', async () => {
  let firstUrl = ''
  {
    await using ads = await startDemoAds({ ...OPTIONS, dataDir })
    firstUrl = ads?.url ?? ''
    expect(ads?.hostPort).toMatch(/^127\.0\.0\.1:\d+$/)
    const statuses = async (): Promise<number[]> =>
      Promise.all(
        (ads?.creatives ?? []).map(async ({ url }) => (await fetch(url, { method: 'HEAD' })).status),
      )
    await expect.poll(statuses, { timeout: CREATIVES_TIMEOUT_MS, interval: 200 }).toEqual([200, 200, 200])
    const template = ads?.adDecisionServerUrl ?? ''
    const vast = await fetch(template.replace('[session.avail_duration_secs]', '30'))
    expect((await vast.text()).match(/<Duration>[^<]+/g)).toEqual([
      '<Duration>00:00:20',
      '<Duration>00:00:10',
    ])
  }
  await expect(fetch(firstUrl)).rejects.toThrow()
  await using again = await startDemoAds({ ...OPTIONS, dataDir })
  expect(again?.url).toBe(firstUrl)
})

test('comes back at its address when it dies', async () => {
  await using ads = await startDemoAds({ ...OPTIONS, dataDir })
  const [pid = 0, ...others] = childPidsWith(join(dataDir, 'demo-ads'))
  expect(others).toEqual([])
  process.kill(pid, 'SIGKILL')
  const isNew = (): boolean => childPidsWith(join(dataDir, 'demo-ads')).some((found) => found !== pid)
  await expect.poll(isNew, { timeout: 10_000 }).toBe(true)
  const status = (): Promise<number> =>
    fetch(ads?.url ?? '').then(
      (response) => response.status,
      () => 0,
    )
  await expect.poll(status, { timeout: 10_000 }).toBe(200)
})

test('ends when the process that started it is killed', async () => {
  const parent = spawn(process.execPath, [PARENT, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [url] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string]
  expect((await fetch(url)).status).toBe(200)
  parent.kill('SIGKILL')
  const isGone = (): Promise<boolean> =>
    fetch(url).then(
      () => false,
      () => true,
    )
  await expect.poll(isGone, { timeout: 10_000 }).toBe(true)
})

test('is left out, with a line in the log, when it cannot be started', async () => {
  // A file stands where its directory would be.
  const ads = await startDemoAds({ ...OPTIONS, dataDir: PARENT })
  expect(ads).toBeUndefined()
})
