/**
 * What is counted of decisions on who may watch for Prometheus.
 */
import type { ExposedMetric } from '../metrics/index.ts'
import type { PlaybackAccess } from './playback-access.ts'

/** The metrics of access. */
export function playbackMetrics({ counts }: Pick<PlaybackAccess, 'counts'>): readonly ExposedMetric[] {
  return [
    {
      name: 'headwater_playback_decisions_total',
      help: 'Decisions on who may watch, by outcome.',
      kind: 'counter',
      labels: ['outcome'],
      read: () => {
        const { granted, refused } = counts()
        return [
          { labels: { outcome: 'granted' }, value: granted },
          { labels: { outcome: 'refused' }, value: refused },
        ]
      },
    },
    {
      // Not an outcome: a public channel is watched all the same.
      name: 'headwater_playback_tokens_limited_total',
      help: 'Tokens that were not looked at because too many bad ones came from the address.',
      kind: 'counter',
      labels: [],
      read: () => [{ value: counts().limited }],
    },
    {
      name: 'headwater_revocations',
      help: 'Revocations of viewer sessions that are held.',
      kind: 'gauge',
      labels: [],
      read: () => [{ value: counts().revocations }],
    },
    {
      name: 'headwater_revocation_coarse_channels',
      help: 'Channels of which all named viewers count as revoked, for want of room.',
      kind: 'gauge',
      labels: [],
      read: () => [{ value: counts().coarseChannels }],
    },
  ]
}
