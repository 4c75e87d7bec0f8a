/**
 * How the transcoder of a channel does, which the API does not carry.
 */

/** What `console/ladder.json` says of a channel. */
export type LadderFacts = {
  /** Whether it is slower than the encoder. */
  readonly isBehind: boolean
  /** Milliseconds from the encoder to the rendition that is furthest behind. */
  readonly lagMs: number
  /** Renditions given up for now, because the machine is too slow for them. */
  readonly givenUp: readonly string[]
}

/** Takes the facts out of `json`; undefined when nothing is transcoded, or it has an unexpected shape. */
export function parseLadderFacts(json: unknown): LadderFacts | undefined {
  if (typeof json !== 'object' || json === null) return undefined
  const members = new Map<string, unknown>(Object.entries(json))
  const [isBehind, lagMs, givenUp] = ['isBehind', 'lagMs', 'givenUp'].map((name) => members.get(name))
  if (typeof isBehind !== 'boolean' || typeof lagMs !== 'number' || !Array.isArray(givenUp)) return undefined
  return { isBehind, lagMs, givenUp: givenUp.filter((name): name is string => typeof name === 'string') }
}

/** Fetches the facts; the page works without them, so a failure gives none. */
export async function fetchLadderFacts(
  baseUrl: URL,
  channelArn: string,
  signal: AbortSignal,
): Promise<LadderFacts | undefined> {
  const url = new URL('console/ladder.json', baseUrl)
  url.searchParams.set('channel', channelArn)
  try {
    const response = await fetch(url, { signal })
    return response.ok ? parseLadderFacts(await response.json()) : undefined
  } catch {
    return undefined
  }
}

/** What the owner of the channel should know of it; empty when all is well. */
export function ladderWarning(facts: LadderFacts | undefined): string {
  if (!facts) return ''
  const given = facts.givenUp.length > 0 ? `Given up for now: ${facts.givenUp.join(', ')}.` : ''
  const late = facts.isBehind ? `The ladder is ${(facts.lagMs / 1000).toFixed(1)} s behind the encoder.` : ''
  if (given === '' && late === '') return ''
  return [late, given, 'This machine is too slow for all renditions.'].filter((text) => text !== '').join(' ')
}
