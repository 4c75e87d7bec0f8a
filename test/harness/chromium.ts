/**
 * Runs the machine's Chromium for tests: its own profile, no network but loopback, no wish for a tap before it plays.
 */
import { accessSync, constants } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { chromium, type BrowserContext, type Page } from 'playwright-core'

/** How the browser differs from its usual self. */
export type ChromiumOptions = {
  /** Size of new pages in CSS pixels. */
  readonly viewport?: { readonly width: number; readonly height: number }
  readonly colorScheme?: 'light' | 'dark'
  /** Behaves like a phone: touch, mobile viewport rules, two device pixels to one. */
  readonly phone?: boolean
  /** Allows sound without a tap; pages must ask for a tap when false. Default true. */
  readonly autoplay?: boolean
}

/** A running browser; `await using` closes it and removes its profile. */
export type Chromium = AsyncDisposable & {
  readonly context: BrowserContext
  readonly newPage: () => Promise<Page>
}

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--mute-audio',
  // The pages under test may know outside hosts; none of them is ever asked.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
]

/** Path of the Chromium to use; throws when this machine has none. */
export function chromiumPath(): string {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const name of NAMES) {
      const path = join(directory, name)
      if (isExecutable(path)) return path
    }
  }
  throw new Error(`no Chromium on the PATH; looked for ${NAMES.join(', ')}`)
}

/** Starts a browser with a fresh profile. */
export async function launchChromium(options: ChromiumOptions = {}): Promise<Chromium> {
  const profile = await mkdtemp(join(tmpdir(), 'headwater-chromium-'))
  const autoplayPolicy = (options.autoplay ?? true) ? 'no-user-gesture-required' : 'user-gesture-required'
  const phone = options.phone ?? false
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath(),
    headless: true,
    args: [...FLAGS, `--autoplay-policy=${autoplayPolicy}`],
    viewport: options.viewport ?? { width: 1280, height: 800 },
    colorScheme: options.colorScheme ?? 'light',
    isMobile: phone,
    hasTouch: phone,
    deviceScaleFactor: phone ? 2 : 1,
  })
  return {
    context,
    newPage: () => context.newPage(),
    [Symbol.asyncDispose]: async () => {
      await context.close()
      await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
    },
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
