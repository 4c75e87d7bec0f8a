/**
 * Port between what viewers fetch and the sending of beacons (reference ssai §3.7).
 */
import type { BeaconViewer } from './ad-viewer.ts'

/** One event of one ad, due now. It is reported once, however often it becomes due. */
export type DueBeacon = {
  readonly breakId: string
  /** Place of the ad in the viewer's pod, from 0. */
  readonly adIndex: number
  /** As in `TrackingEvent`; a `progress` event with its offset, e.g. `progress:5000`. */
  readonly event: string
  readonly urls: readonly string[]
  /** Playback configuration, for metrics. */
  readonly configurationName: string
}

/** Takes beacons. */
export type BeaconSink = {
  /** In the order in which they are to arrive. Returns at once and never throws; what was reported before is left out. */
  readonly due: (viewer: BeaconViewer, beacons: readonly DueBeacon[]) => void
}
