/**
 * The page of the demo's ad server: what it shows of pods and beacons.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createDemoAdServer } from '../../src/app/demo-ads/ad-server.ts'
import { DEMO_CREATIVES } from '../../src/app/demo-ads/creative-plan.ts'
import { listen } from '../../src/app/listening.ts'
import { systemClock } from '../../src/base/clock.ts'
import { launchChromium } from '../harness/chromium.ts'

const WAIT_MS = 10_000

test('the page of beacons follows what is reported, and shows names from outside as text', async () => {
  await using resources = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'headwater-demo-ads-'))
  resources.defer(() => rm(directory, { recursive: true }))
  for (const { fileName } of DEMO_CREATIVES) await writeFile(join(directory, fileName), '')
  const server = createDemoAdServer({ directory, clock: systemClock })
  const url = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`
  resources.defer(() => {
    server.closeAllConnections()
    server.close()
  })
  const browser = resources.use(await launchChromium())
  const page = await browser.newPage()
  await page.goto(url)
  const main = page.locator('main')
  await expect.poll(() => main.innerText(), { timeout: WAIT_MS }).toContain('Nobody has asked for ads yet')

  const name = '<img src=x onerror="document.title=1">'
  const vast = await (await fetch(`${url}/vast?dur=30&vid=${encodeURIComponent(name)}`)).text()
  const [impression = ''] = /http[^<]*event=impression/.exec(vast) ?? []
  await fetch(impression.replaceAll('&amp;', '&'))
  await expect
    .poll(() => page.locator('.event.on').allInnerTexts(), { timeout: WAIT_MS })
    .toEqual(['Impression'])
  expect(await main.locator('h2').innerText()).toBe(`Viewer ${name}`)
  expect(await page.locator('.ad').count()).toBe(2)
  expect(await page.locator('img').count()).toBe(0)

  server.closeAllConnections()
  server.close()
  await expect
    .poll(() => page.getByRole('status').innerText(), { timeout: WAIT_MS })
    .toContain('does not answer')
})
