/**
 * Beacons by way of the client that judges every target.
 */
import type { OutboundClient } from '../outbound/outbound-client.ts'
import { OutboundError, type OutboundErrorCode } from '../outbound/outbound-error.ts'
import type { BeaconAnswer, BeaconTransport } from './beacon-transport.ts'

/** Trying again would end the same way. */
const HOPELESS_CODES: ReadonlySet<OutboundErrorCode> = new Set(['BLOCKED_TARGET', 'REDIRECTS'])

/** Sends beacons with `client`. */
export function outboundTransport(client: Pick<OutboundClient, 'call'>): BeaconTransport {
  return async (request) => {
    try {
      const { status } = await client.call(request)
      return { kind: 'answered', status }
    } catch (error) {
      return answerOf(error)
    }
  }
}

function answerOf(error: unknown): BeaconAnswer {
  if (!(error instanceof OutboundError)) return { kind: 'failed', reason: 'the request failed' }
  const { code, message } = error
  if (code === 'TIMEOUT') return { kind: 'timeout' }
  return { kind: HOPELESS_CODES.has(code) ? 'refused' : 'failed', reason: message }
}
