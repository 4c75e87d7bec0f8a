/**
 * The pages of the web console, the facts about this server that they need, and the health check.
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import fastify, { type FastifyInstance } from 'fastify'

/** What the console is told about the server, as `/console/server.json`. */
export type ConsoleFacts = {
  readonly version: string
  readonly rtmpUrl: string
  readonly rtmpsUrl: string
  /** Page with the beacons of the demo's ads, while there is a demo. */
  readonly adServerUrl?: string
}

/** How the ladder of a channel does, as `/console/ladder.json?channel=<arn>`. */
export type ConsoleLadder = {
  /** Whether it is slower than its source. */
  readonly isBehind: boolean
  /** How far the slowest track is behind the source, in milliseconds of media. */
  readonly lagMs: number
  /** Rungs that show another one because the machine is too slow, best first. */
  readonly givenUp: readonly string[]
}

/** What the site shows of the server; `ladderOf` gives undefined for a channel of which nothing is transcoded. */
export type ConsoleSiteOptions = {
  readonly facts: ConsoleFacts
  readonly ladderOf: (channelArn: string) => ConsoleLadder | undefined
}

const CONSOLE_FOLDER = fileURLToPath(new URL('../../console/dist', import.meta.url))
const NOT_BUILT = 'The web console is not built. Run "npm start", or "npx vite build console".\n'
const PATHS = /^\/(?:$|\?|index\.html|favicon|assets\/|console\/|healthz)/

/** Whether a GET for `path` belongs to the console and not to the API. */
export function isConsolePath(path: string): boolean {
  return PATHS.test(path)
}

/** Makes the site. It is opened when everything listens, so whoever reaches it finds a healthy server. */
export async function createConsoleSite({ facts, ladderOf }: ConsoleSiteOptions): Promise<FastifyInstance> {
  const site = fastify()
  site.get('/healthz', (_request, reply) =>
    reply.header('Cache-Control', 'no-store').type('text/plain').send('ok\n'),
  )
  site.get('/console/server.json', (_request, reply) => reply.header('Cache-Control', 'no-store').send(facts))
  site.get<{ Querystring: { channel?: unknown } }>('/console/ladder.json', ({ query }, reply) =>
    reply.header('Cache-Control', 'no-store').send(ladderOf(String(query.channel)) ?? {}),
  )
  if (existsSync(CONSOLE_FOLDER)) {
    site.register(fastifyStatic, { root: CONSOLE_FOLDER, maxAge: 0 })
  } else {
    site.get('/', (_request, reply) => reply.code(503).type('text/plain').send(NOT_BUILT))
  }
  await site.ready()
  return site
}
