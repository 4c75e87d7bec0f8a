/**
 * Plays one URL with hls.js.
 *
 * Query: `url`, and `config`, a JSON object of hls.js settings. Reports through `window.stats()`.
 */
import Hls, { Events, type HlsConfig } from 'hls.js'
import type { HlsStats } from '../../harness/browser-stats.ts'
import { bufferedAheadS, countVideo, errorList, pageVideo, queryArgument } from './page-parts.ts'

const video = pageVideo()
const { errors, add } = errorList()
const config = JSON.parse(queryArgument('config')) as Partial<HlsConfig>
const hls = new Hls(config)
const counts = countVideo(video)
const switches: number[] = []

hls.on(Events.ERROR, (_name, error) => {
  const status = error.response ? ` (HTTP ${String(error.response.code)})` : ''
  add({ fatal: error.fatal, what: `${error.details}${status}: ${error.error.message}` })
})
hls.on(Events.LEVEL_SWITCHED, (_name, { level }) => switches.push(hls.levels[level]?.height ?? 0))
hls.on(Events.MANIFEST_PARSED, () => void video.play())
hls.loadSource(queryArgument('url'))
hls.attachMedia(video)

function stats(): HlsStats {
  const details = hls.latestLevelDetails
  const playingDate = hls.playingDate
  return {
    state: counts.state,
    errors,
    bufferedS: bufferedAheadS(video),
    currentTimeS: video.currentTime,
    droppedFrames: video.getVideoPlaybackQuality().droppedVideoFrames,
    stalls: counts.stalls,
    startupMs: counts.startupMs,
    width: video.videoWidth,
    height: video.videoHeight,
    latencyS: hls.latency,
    targetLatencyS: hls.targetLatency ?? undefined,
    clockLatencyS: playingDate ? (Date.now() - playingDate.getTime()) / 1000 : undefined,
    liveEdgeS: details?.edge,
    level: hls.currentLevel,
    switches,
    bitrateBps: hls.levels[hls.currentLevel]?.bitrate ?? 0,
    usesParts: config.lowLatencyMode !== false && (details?.partList?.length ?? 0) > 0,
  }
}

// hls.js itself is there for looking into a failed run by hand.
Object.assign(window, { stats, hls })
