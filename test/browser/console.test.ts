/**
 * The web page against the real server: what a visitor sees when a channel plays, waits, is private or out of reach.
 */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { setUpAds } from '../harness/ad-set-up.ts'
import { launchChromium, type Chromium, type ChromiumOptions } from '../harness/chromium.ts'
import { publishWithFfmpeg } from '../harness/ffmpeg-publisher.ts'
import { startTestServer, type TestChannel, type TestServer } from '../harness/test-server.ts'

const WAIT_MS = 20_000
const DESKTOP: ChromiumOptions = { viewport: { width: 1280, height: 800 } }
const PHONE: ChromiumOptions = { viewport: { width: 390, height: 844 }, phone: true, colorScheme: 'dark' }

let server: TestServer
let browser: Chromium
/** Live all the time, for the tests that only watch. */
let live: TestChannel & AsyncDisposable
beforeAll(async () => {
  const launched = launchChromium(DESKTOP)
  server = await startTestServer({ flags: { x264Preset: 'ultrafast' } })
  live = await publish({ name: 'playing' })
  browser = await launched
})
afterAll(async () => {
  await browser[Symbol.asyncDispose]()
  await live[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

/** A channel that is live as long as its holder wants. */
async function publish(
  input: Parameters<TestServer['createChannel']>[0],
): Promise<TestChannel & AsyncDisposable> {
  const channel = await server.createChannel(input)
  const publisher = await publishWithFfmpeg({ url: channel.rtmpUrl })
  await server.untilLive(channel)
  return { ...channel, [Symbol.asyncDispose]: () => publisher[Symbol.asyncDispose]() }
}

async function open(
  from: Chromium,
  channelName: string,
  prepare: (page: Page) => Promise<unknown> = () => Promise.resolve(),
): Promise<Page> {
  const page = await from.newPage()
  await prepare(page)
  await page.bringToFront()
  await page.goto(`${server.url('console')}#channel=${channelName}`)
  return page
}

async function untilPhase(page: Page, phase: string): Promise<void> {
  await page.locator(`[data-phase="${phase}"]`).waitFor({ timeout: WAIT_MS })
}

async function untilMoving(page: Page): Promise<void> {
  const time = (): Promise<number> => page.evaluate('document.querySelector("video").currentTime')
  const before = await time()
  await expect.poll(time, { timeout: WAIT_MS }).toBeGreaterThan(before + 1)
}

describe('a live channel', () => {
  test('plays by itself and shows how far behind it is, what it is and where to publish', async () => {
    const page = await open(browser, 'playing')
    await untilPhase(page, 'playing')
    await untilMoving(page)
    const text = await page.locator('main').innerText()
    expect(text).toMatch(/Live latency\s+[0-2]\.[0-9] s/)
    expect(text).toContain('640×360')
    const fields = await page.evaluate<string[]>(
      '[...document.querySelectorAll("input")].map((input) => input.value)',
    )
    expect(fields).toContain(server.url('rtmp'))
    expect(fields).toContain(live.playbackUrl)
    expect(fields).not.toContain(live.streamKey)
    // There is nothing to choose from.
    expect(await page.getByLabel('Quality').count()).toBe(0)
    await page.close()
  })

  test('lets the viewer choose a rendition of a ladder, and says what is wrong with it', async () => {
    await using channel = await publish({ name: 'laddered', type: 'STANDARD' })
    const health = new URL(`console/ladder.json?channel=${channel.arn}`, server.url('console'))
    expect(await (await fetch(health)).json()).toMatchObject({
      lagMs: expect.any(Number) as number,
      givenUp: [],
    })
    const page = await open(browser, 'laddered', (opened) =>
      opened.route('**/console/ladder.json?*', (route) =>
        route.fulfill({ json: { isBehind: false, lagMs: 70, givenUp: ['720p60'] } }),
      ),
    )
    await untilPhase(page, 'playing')
    await page.getByText('Given up for now: 720p60.').waitFor({ timeout: WAIT_MS })
    const width = (): Promise<number> => page.evaluate('document.querySelector("video").videoWidth')
    await expect.poll(width, { timeout: WAIT_MS }).toBe(640)
    const quality = page.getByLabel('Quality')
    await quality.waitFor({ timeout: WAIT_MS })
    expect(await quality.locator('option').allInnerTexts()).toEqual(['Auto', '360p', '160p'])
    await quality.selectOption('160p')
    await expect.poll(width, { timeout: WAIT_MS }).toBe(284)
    await quality.selectOption('360p')
    await expect.poll(width, { timeout: WAIT_MS }).toBe(640)
    await page.close()
  })

  test('shows the stream key only when asked', async () => {
    const page = await open(browser, 'playing')
    await page.getByRole('button', { name: 'Show' }).click()
    await expect
      .poll(() => page.getByRole('textbox', { name: 'Stream key' }).inputValue())
      .toBe(live.streamKey)
    await page.close()
  })

  test('fits a phone', async () => {
    await using phone = await launchChromium(PHONE)
    const page = await open(phone, 'playing')
    await untilPhase(page, 'playing')
    await untilMoving(page)
    expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true)
  })
})

describe('a channel with ads', () => {
  const button = (page: Page): ReturnType<Page['getByRole']> =>
    page.getByRole('button', { name: 'Insert ad break' })

  test('takes a break, counts its ads down over the picture and lists what happened', async () => {
    const channel = await server.createChannel({ name: 'with-ads' })
    await setUpAds(server, { channelArn: channel.arn, adDecisionServerUrl: 'https://ads.example/vast' })
    await using _publisher = await publishWithFfmpeg({ url: channel.rtmpUrl })
    await server.untilLive(channel)
    const page = await browser.newPage()
    // The marks of a break, without waiting for one: what a playlist says is all that the page goes by.
    let marks = ''
    await page.route(/playlist.*m3u8/, async (route) => {
      const response = await route.fetch()
      const text = await response.text()
      await route.fulfill({ response, body: response.ok() ? `${text}${marks}` : text })
    })
    await page.bringToFront()
    await page.goto(`${server.url('console')}#channel=with-ads`)
    await untilPhase(page, 'playing')
    await button(page).click()
    const log = page.getByRole('list', { name: 'Ad events' })
    await expect.poll(() => log.innerText(), { timeout: WAIT_MS }).toContain('Break of 30 s announced')
    // What happened before the page was open is on record; what happens now comes with all that there is to say of it.
    const events = page.getByRole('list', { name: 'Events', exact: true }).locator('li')
    await expect
      .poll(async () => (await events.allInnerTexts()).map((text) => text.replace(/\s+/g, ' ')), {
        timeout: WAIT_MS,
      })
      .toEqual([
        expect.stringMatching(/Ad Break Inserted 30 s, from \d/),
        expect.stringMatching(/Stream Start Viewers can watch\.$/),
        expect.stringMatching(/Session Created An encoder has connected\.$/),
      ])
    await button(page).click()
    await expect
      .poll(() => page.getByRole('status').allInnerTexts(), { timeout: WAIT_MS })
      .toContain('A break is announced or running already. Wait for its end.')

    marks = breakMarks(Date.now())
    const mark = page.locator('.ad-mark')
    await expect.poll(() => mark.innerText(), { timeout: WAIT_MS }).toMatch(/^Ad 1 of 2 · 0:0[1-3] First$/)
    await expect.poll(() => mark.innerText(), { timeout: WAIT_MS }).toMatch(/^Ad 2 of 2 · 0:0[1-2] Second$/)
    await expect.poll(() => mark.count(), { timeout: WAIT_MS }).toBe(0)
    expect(await log.locator('li').allInnerTexts()).toEqual([
      expect.stringMatching(/Ad break ended$/),
      expect.stringMatching(/Ad break started, 2 ads, 0:05$/),
      expect.stringMatching(/Break of 30 s announced$/),
    ])
    await page.unrouteAll({ behavior: 'ignoreErrors' })
    await page.close()
  })

  test('says why no break can be inserted', async () => {
    const channel = await server.createChannel({ name: 'ads-later' })
    const page = await open(browser, 'ads-later')
    await untilPhase(page, 'offline')
    expect(await button(page).isDisabled()).toBe(true)
    expect(await page.locator('main').innerText()).toContain('This channel has no ad configuration.')
    await setUpAds(server, { channelArn: channel.arn, adDecisionServerUrl: 'https://ads.example/vast' })
    await page.reload()
    await expect.poll(() => page.locator('main').innerText(), { timeout: WAIT_MS }).toContain('is not live.')
    expect(await button(page).isDisabled()).toBe(true)
    await page.close()
  })
})

/** Date ranges of a break of five seconds with two ads, and of the content after it. */
function breakMarks(startMs: number): string {
  const at = (seconds: number): string => new Date(startMs + seconds * 1000).toISOString()
  const range = (kind: string, seconds: number, more: string): string =>
    `#EXT-X-DATERANGE:ID="${kind}-${seconds}",CLASS="live-video-net-${kind}",START-DATE="${at(seconds)}",${more}\n`
  const creative = (seconds: number, length: number, index: number, title: string): string =>
    range(
      'stitched-ad-creative-start',
      seconds,
      `DURATION=${length},X-NET-LIVE-VIDEO-POD-INDEX="${index}",X-AD-TITLE="${title}"`,
    )
  const breakStart = 'DURATION=5,X-NET-LIVE-VIDEO-AD-BREAK-ID="b",X-NET-LIVE-VIDEO-POD-LENGTH="2"'
  return [
    range('stitched-ad-break-start', 0, breakStart),
    creative(0, 3, 1, 'First'),
    creative(3, 2, 2, 'Second'),
    range('stream-source', 5, 'END-ON-NEXT=YES,X-NET-LIVE-VIDEO-STREAM-SOURCE="live"'),
  ].join('')
}

describe('a channel that cannot be played', () => {
  test('says that it is offline, and starts by itself when the stream does', async () => {
    const channel = await server.createChannel({ name: 'later' })
    const page = await open(browser, 'later')
    await untilPhase(page, 'offline')
    await using _publisher = await publishWithFfmpeg({ url: channel.rtmpUrl })
    await untilPhase(page, 'playing')
    await untilMoving(page)
    await page.close()
  })

  test('says that it is private and takes a token', async () => {
    await using _channel = await publish({ name: 'private', authorized: true })
    const page = await open(browser, 'private')
    await untilPhase(page, 'refused')
    expect(await page.getByLabel(/token/i).isVisible()).toBe(true)
    await page.close()
  })

  test('tries again while the network is lost, and goes on when it is back', async () => {
    const page = await open(browser, 'playing')
    await untilPhase(page, 'playing')
    await page.context().setOffline(true)
    await untilPhase(page, 'retrying')
    await page.context().setOffline(false)
    await untilPhase(page, 'playing')
    await untilMoving(page)
    await page.close()
  })
})

test('a server without channels says how to make one', async () => {
  await using empty = await startTestServer()
  const page = await browser.newPage()
  await page.goto(empty.url('console'))
  await expect.poll(() => page.locator('main').innerText()).toContain('create-channel')
  await page.close()
})
