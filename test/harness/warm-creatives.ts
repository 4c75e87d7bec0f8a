/**
 * Conditions creatives before a server runs, as `headwater ads warm` does, for what tests publish.
 */
import { expect } from 'vitest'
import { runWarm, type WarmCommand } from '../../src/app/ads-command.ts'
import { readConfig } from '../../src/app/config/read-config.ts'
import { silentLogger } from '../../src/base/logger.ts'

/** Of 320×180 with a keyframe a second, as `publishWithFfmpeg` makes it, when a stream has just begun. */
const CHANNEL = {
  type: 'BASIC',
  preset: '',
  width: 320,
  height: 180,
  frameRate: 30,
  bitrateBps: 850_000,
} as const

/** Makes `urls` ready in a data directory, for channels without a ladder unless `channel` says otherwise. */
export async function warmCreatives(
  { dataDir, adTargetAllow }: { readonly dataDir: string; readonly adTargetAllow: string },
  urls: readonly string[],
  channel: Partial<WarmCommand['channel']> = {},
): Promise<void> {
  const config = readConfig({ flags: { dataDir, adTargetAllow }, environment: {} })
  const output = { print: () => undefined, logger: silentLogger }
  expect(await runWarm({ urls, channel: { ...CHANNEL, ...channel } }, config, output)).toBe(true)
}
