/**
 * Plays one URL with the IVS player.
 *
 * Query: `url`, `worker` and `binary`, all absolute, and `lowLatency`, `true` or `false`. Reports through `window.stats()`.
 */
import { PlayerEventType, create } from 'amazon-ivs-player'
import type { IvsStats } from '../../harness/browser-stats.ts'
import { countVideo, errorList, pageVideo, queryArgument } from './page-parts.ts'

const video = pageVideo()
const { errors, add } = errorList()
const player = create({ wasmWorker: queryArgument('worker'), wasmBinary: queryArgument('binary') })
const counts = countVideo(video)
const switches: string[] = []
let stalls = 0

player.addEventListener(PlayerEventType.ERROR, (error) => {
  add({ fatal: true, what: `${error.type} from ${error.source} (${String(error.code)}): ${error.message}` })
})
player.addEventListener(PlayerEventType.QUALITY_CHANGED, (quality) => switches.push(quality.name))
player.addEventListener(PlayerEventType.REBUFFERING, () => stalls++)
player.attachHTMLVideoElement(video)
player.setMuted(true)
player.setAutoplay(true)
player.setLiveLowLatencyEnabled(queryArgument('lowLatency') === 'true')
player.load(queryArgument('url'))

function stats(): IvsStats {
  const syncTimeMs = player.getSyncTime()
  return {
    state: player.getState(),
    errors,
    bufferedS: player.getBufferDuration(),
    currentTimeS: player.getPosition(),
    droppedFrames: video.getVideoPlaybackQuality().droppedVideoFrames,
    stalls,
    startupMs: counts.startupMs,
    width: video.videoWidth,
    height: video.videoHeight,
    isLiveLowLatency: player.isLiveLowLatency(),
    liveLatencyS: player.getLiveLatency(),
    quality: player.getQuality().name,
    qualities: player.getQualities().map((quality) => quality.name),
    switches,
    clockLatencyS: syncTimeMs > 0 ? (Date.now() - syncTimeMs) / 1000 : undefined,
  }
}

// The player itself is there for looking into a failed run by hand.
Object.assign(window, { stats, player })
