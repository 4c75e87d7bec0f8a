/**
 * A process that runs the demo's ad server and says its address, for tests that kill it.
 */
import { startDemoAds } from '../../src/app/demo-ads/demo-ads.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'

const [dataDir = ''] = process.argv.slice(2)
const ads = await startDemoAds({ dataDir, ffmpeg: 'ffmpeg', clock: systemClock, logger: silentLogger })
process.stdout.write(`${ads?.url ?? 'none'}\n`)
setInterval(() => undefined, 60_000)
