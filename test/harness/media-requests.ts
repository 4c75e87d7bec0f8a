/**
 * Requests for playlists and media over real sockets, and what tests ask of their answers.
 */
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { expect } from 'vitest'
import type { PackagedStream } from './packaged-stream.ts'

/** The text at `url`, which is there. */
export async function text(url: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(url, { headers })
  expect(response.status).toBe(200)
  return response.text()
}

/** The bytes at `url`, which are there. */
export async function bytes(url: string): Promise<Buffer> {
  const response = await fetch(url)
  expect(response.status).toBe(200)
  return Buffer.from(await response.arrayBuffer())
}

/** Status and code of a refusal, which no cache keeps and any page may read. */
export async function problem(
  url: string,
  init: RequestInit = {},
): Promise<{ status: number; code: unknown }> {
  const response = await fetch(url, init)
  const [first] = (await response.json()) as [Record<string, unknown>]
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
  return { status: response.status, code: first['error_code'] }
}

/** An answer to a request whose path and headers nobody tidies up first. */
export function raw(stream: PackagedStream, options: RequestOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    httpRequest({ host: '127.0.0.1', port: stream.port, agent: false, ...options }, resolve)
      .once('error', reject)
      .end()
  })
}

/** Resolves when the server holds `count` requests. */
export async function untilHeld(stream: PackagedStream, count: number): Promise<void> {
  await expect.poll(() => stream.routes.heldConnections, { timeout: 5000 }).toBe(count)
}
