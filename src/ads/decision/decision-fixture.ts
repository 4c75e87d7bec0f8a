/**
 * Breaks, viewers, configurations and a library of creatives for tests of the ad decision.
 */
import type { AdSettings } from '../../domain/playback-configuration.ts'
import type { DecisionRequest } from '../ad-decider.ts'
import type { AdViewer } from '../ad-viewer.ts'
import type {
  AdProfile,
  CreativeFailure,
  CreativeLibrary,
  CreativeSource,
  CreativeState,
} from '../creative-library.ts'

const START_MS = Date.UTC(2026, 0, 1)

/** A viewer who is watching already. */
export function testViewer(changes: Partial<AdViewer> = {}): AdViewer {
  return {
    sessionNumber: 'AbCdEfGhIjKlMnOpQrSt_1',
    sessionUuid: '8c5f6a54-2f65-4a9c-9a3b-0d4b2a6d8e11',
    streamId: 'st-1',
    channelArn: 'arn:aws:ivs:us-west-2:123456789012:channel/one',
    accountId: '123456789012',
    address: '203.0.113.9',
    userAgent: 'Viewer/1.0 (test)',
    referer: 'https://page.example.com/watch?a=1',
    acceptLanguage: 'de-CH',
    claims: {},
    joinedAtMs: START_MS - 60_000,
    ...changes,
  }
}

/** Two renditions, the better one of 2.1 Mbit/s. */
export const TEST_PROFILE: AdProfile = {
  fingerprint: 'two',
  renditions: [
    {
      name: '720p',
      video: { width: 1280, height: 720, frameRate: 30, bitrateBps: 2_000_000 },
      audioBitrateBps: 100_000,
    },
    {
      name: '360p',
      video: { width: 640, height: 360, frameRate: 30, bitrateBps: 500_000 },
      audioBitrateBps: 100_000,
    },
  ],
}

/** A break of 30 s in segments of 2 s, with 8 s until it begins. */
export function testRequest(changes: Partial<DecisionRequest> = {}): DecisionRequest {
  return {
    viewer: testViewer(),
    adBreak: {
      id: 'abc123DEF456',
      rollType: 'MIDROLL',
      durationSeconds: 30,
      insertedAtMs: START_MS,
      targetStartMs: START_MS + 8000,
      endsAtMs: START_MS + 38_000,
    },
    durationMs: 30_000,
    segmentMs: 2000,
    contentTimeMs: START_MS + 8500,
    breakIndex: 2,
    profile: TEST_PROFILE,
    dueMonotonicMs: 8000,
    ...changes,
  }
}

/** A configuration with every default. */
export function testSettings(changes: Partial<AdSettings> = {}): AdSettings {
  return {
    configurationName: 'first',
    adDecisionServerUrl: 'https://ads.example.com/vast',
    httpRequest: { method: 'GET', headers: {}, body: '', compress: 'NONE' },
    sequencing: 'ignore',
    requestTimeoutMs: 3000,
    totalTimeoutMs: 10_000,
    prefersStreaming: false,
    slateUrl: undefined,
    bumperStartUrl: undefined,
    bumperEndUrl: undefined,
    personalizationThresholdSeconds: undefined,
    suppression: { mode: 'OFF', valueSeconds: 0, fillPolicy: 'FULL_AVAIL_ONLY' },
    aliases: {},
    logPercent: 100,
    ...changes,
  }
}

/** By the last part of their URLs; a number is the duration of a creative that is ready, in milliseconds. */
export type TestStates = Readonly<Record<string, number | 'new' | 'running' | CreativeFailure>>

/** A library whose creatives stand as a test says, by the last part of their URLs. */
export class TestLibrary implements Pick<CreativeLibrary, 'request'> {
  readonly asked: CreativeSource[] = []
  readonly #states: TestStates

  /** @param states all others are new. */
  constructor(states: TestStates) {
    this.#states = states
  }

  readonly request = (source: CreativeSource): CreativeState => {
    this.asked.push(source)
    const name = source.url.split('/').at(-1) ?? ''
    const state = this.#states[name] ?? 'new'
    if (state === 'new' || state === 'running') return { kind: state }
    if (typeof state === 'string') return { kind: 'failed', failure: state }
    return { kind: 'ready', creative: { key: name, assetId: `asset-${name}`, durationTicks: state * 90 } }
  }
}
