/**
 * The signature by which a webhook knows that an event comes from this server, and when it was sent.
 */
import { createHmac } from 'node:crypto'

/** Name of the header. */
export const SIGNATURE_HEADER = 'Headwater-Signature'

/**
 * `t=<seconds since the Unix epoch>,v1=<HMAC-SHA256 of "t.body" in hexadecimal>`.
 *
 * Receivers compute the same over the bytes of the body, and refuse what is older than they like.
 */
export function webhookSignature(secret: string, body: string, nowMs: number): string {
  const seconds = Math.floor(nowMs / 1000)
  const digest = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')
  return `t=${seconds},v1=${digest}`
}
