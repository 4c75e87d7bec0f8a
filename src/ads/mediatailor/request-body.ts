/**
 * Reads the body of a player's request, bounded in bytes; its time is bounded by the server in front.
 */
import type { IncomingMessage } from 'node:http'

const MAX_BODY_BYTES = 64 * 1024

/** The body as text; undefined when it is too long, which is answered at once when its length is told. */
export async function readBody(request: IncomingMessage): Promise<string | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) return undefined
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length
    if (sizeBytes > MAX_BODY_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
