/**
 * What is loaded: a server that can say where a body is now, and one round of load on it.
 */
import { SERVER_CORE, LOAD_CORE } from '../rig/cores.ts'
import { measureProcessor } from '../rig/process-usage.ts'
import { runWrk } from '../rig/wrk.ts'

/** The bodies that are asked for. */
export type BodyName = 'part' | 'playlist' | 'gzip playlist'

/** A server under load. */
export type DeliverySubject = {
  readonly server: string
  readonly pid: number
  /** Address of the body, good for at least one round; undefined when this server has none. */
  readonly locate: (body: BodyName) => string | undefined
}

/** How hard and how long. */
export type RoundPlan = { readonly seconds: number; readonly connections: number }

/** What one round gave. */
export type RoundResult = {
  readonly requestsPerSecond: number
  /** Cores that the server used; a bit below 1 when it has one to itself and the load generator is the slower side. */
  readonly serverCores: number
  /** Requests a second for each core used. */
  readonly perCore: number
  readonly latencyP99: string
  readonly failures: number
}

/** Loads `url` of the process `pid`. */
export async function loadRound(
  pid: number,
  url: string,
  body: BodyName,
  plan: RoundPlan,
): Promise<RoundResult> {
  const headers = body === 'gzip playlist' ? ['Accept-Encoding: gzip'] : []
  const used = measureProcessor(pid)
  const result = await runWrk({ ...plan, url, headers, core: LOAD_CORE })
  const { cores } = used()
  return { ...result, serverCores: cores, perCore: result.requestsPerSecond / cores }
}

/** Where servers run, in words. */
export const CORES_IN_WORDS: string =
  SERVER_CORE === undefined ? 'all on one core' : 'each server on core 0, wrk with one thread on core 1'
