/**
 * Chooses the engine for this browser and starts it.
 */
import type { Engine, EngineOptions } from './engine.ts'
import { openNativeEngine, prefersNativeHls } from './native-engine.ts'

/** Starts a player; undefined when this browser has none or `signal` was aborted, the former told as an event. */
export async function openEngine(options: EngineOptions, signal: AbortSignal): Promise<Engine | undefined> {
  if (prefersNativeHls(options.video)) return openNativeEngine(options)
  const module = await import('./hls-engine.ts').catch(() => undefined)
  if (signal.aborted) return undefined
  if (!module) {
    // The page's own files did not arrive: the server is away.
    options.onEvent({ kind: 'failed', reason: 'unreachable' })
    return undefined
  }
  if (!module.isHlsSupported()) {
    options.onEvent({ kind: 'unsupported' })
    return undefined
  }
  return module.openHlsEngine(options)
}
