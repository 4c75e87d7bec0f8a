/**
 * Addresses the server hands out, once the ports it really listens on are known.
 */
import type { ServerConfig } from './server-config.ts'
import { urlHost } from './hosts.ts'

/**
 * Base of playback URLs, without a trailing slash.
 *
 * @param httpPort the port that was opened, which differs from the setting when that is 0.
 */
export function resolvePublicUrl(config: Pick<ServerConfig, 'host' | 'publicUrl'>, httpPort: number): string {
  return config.publicUrl ?? `http://${urlHost(config.host)}:${httpPort}`
}

/** Bare host name that encoders publish to. */
export function resolveIngestHost(config: Pick<ServerConfig, 'ingestEndpoint'>, publicUrl: string): string {
  return config.ingestEndpoint ?? new URL(publicUrl).hostname
}
