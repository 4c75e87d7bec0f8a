/**
 * Asks ad servers, fetches creatives and calls beacon targets: whatever an ad response may name.
 *
 * Nothing that is named from outside is trusted. Targets are judged at every redirect (`target-guard.ts`), bodies are
 * bounded, and one deadline holds for all of it, from the resolving of the name to the last byte. There are no cookies,
 * and user names in URLs are not sent. Failures are `OutboundError`s.
 *
 * Reference: ssai §7.6.
 */
import { open, rm } from 'node:fs/promises'
import type { Duplex, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { systemClock, type Clock } from '../../base/clock.ts'
import { Connections, type ConnectionLimits, type RoutedRequest } from './connections.ts'
import { Ending } from './ending.ts'
import type { ResponseHead, ResponseReader } from './exchange.ts'
import { FairShares } from './fair-shares.ts'
import { NameLookups, type LookupCounts, type NameResolver } from './name-lookups.ts'
import { describeTarget, OutboundError, type OutboundErrorCode } from './outbound-error.ts'
import { cleanHeaders, headersWithoutBody, portableHeaders } from './outbound-headers.ts'
import type { OutboundHeaders } from './outbound-headers.ts'
import { ByteLimit, isPacked, StreamedBody, unpacking, UnwantedBody, WholeBody } from './response-body.ts'
import type { TargetAllowList } from './target-allow-list.ts'
import { systemResolver, TargetGuard } from './target-guard.ts'

/** What is asked for. */
export type OutboundRequest = {
  readonly url: string
  /** Default `GET`. */
  readonly method?: 'GET' | 'POST'
  readonly headers?: OutboundHeaders
  readonly body?: Uint8Array
  /** For everything together, in milliseconds. */
  readonly timeoutMs: number
  /** Default 5. */
  readonly maxRedirects?: number
  readonly signal?: AbortSignal
}

/** Where the answer came from. */
export type OutboundHead = {
  readonly status: number
  /** After redirects. */
  readonly url: string
  /** Lower case, without parameters; empty when there is none. */
  readonly contentType: string
}

/** An answer as a whole. */
export type OutboundAnswer = OutboundHead & { readonly body: Buffer }

/** An answer in a file. */
export type OutboundFile = OutboundHead & { readonly sizeBytes: number }

/** What became of the requests of a client since the start. */
export type OutboundCounts = {
  readonly answered: number
  readonly failed: Readonly<Record<OutboundErrorCode, number>>
  /** Under way now. */
  readonly open: number
  readonly lookups: LookupCounts
}

/** What a client is made of; connections are bounded for each host and in all. */
export type OutboundOptions = Partial<ConnectionLimits> & {
  readonly allowList: TargetAllowList
  readonly clock?: Clock
  /**
   * Requests under way for one host as long as there is no other, those that wait for a connection counted; more fail with
   * `TOO_BUSY`. In all there are at most twice as many.
   */
  readonly maxRequests?: number
  readonly resolve?: NameResolver
}

const DEFAULT_MAX_PER_HOST = 512
const DEFAULT_MAX_REQUESTS = 2048
/** Not less than there can be requests: hosts that hang must not use up all connections. */
const DEFAULT_MAX_IN_ALL = 2 * DEFAULT_MAX_REQUESTS
const DEFAULT_MAX_REDIRECTS = 5
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
/** After these the method and the body stay (RFC 9110 §15.4). */
const SAME_METHOD: ReadonlySet<number> = new Set([307, 308])

/** Sends requests to targets that are named from outside. */
export class OutboundClient {
  readonly #clock: Clock
  readonly #guard: TargetGuard
  readonly #connections: Connections
  readonly #lookups: NameLookups
  /** Requests under way by host. */
  readonly #shares: FairShares
  /** Of all requests under way. */
  readonly #endings = new Set<Ending>()
  readonly #failed: Record<OutboundErrorCode, number> = {
    BLOCKED_TARGET: 0,
    TIMEOUT: 0,
    TOO_LARGE: 0,
    HTTP_STATUS: 0,
    NETWORK: 0,
    REDIRECTS: 0,
    TOO_BUSY: 0,
  }
  #answered = 0
  #isClosed = false

  constructor(options: OutboundOptions) {
    this.#clock = options.clock ?? systemClock
    this.#lookups = new NameLookups(options.resolve ?? systemResolver, this.#clock)
    this.#guard = new TargetGuard(options.allowList, (name) => this.#lookups.find(name))
    this.#connections = new Connections({
      maxPerHost: options.maxPerHost ?? DEFAULT_MAX_PER_HOST,
      maxInAll: options.maxInAll ?? DEFAULT_MAX_IN_ALL,
    })
    this.#shares = new FairShares(options.maxRequests ?? DEFAULT_MAX_REQUESTS)
  }

  /** Reads an answer of at most `maxBytes` into memory; any status but 2xx rejects with `HTTP_STATUS`. */
  fetchBody(request: OutboundRequest, maxBytes: number): Promise<OutboundAnswer> {
    return this.#run(request, async (follow) => {
      let body: WholeBody | undefined
      const head = await follow((response) => (body = new WholeBody(response, maxBytes)))
      return { ...head, body: (await body?.bytes()) ?? Buffer.alloc(0) }
    })
  }

  /**
   * Writes an answer of at most `maxBytes` into the new file `path`, which is there only when this resolves; any status
   * but 2xx rejects with `HTTP_STATUS`.
   */
  fetchToFile(request: OutboundRequest, path: string, maxBytes: number): Promise<OutboundFile> {
    return this.#run(request, async (follow) => {
      let written: Promise<number> | undefined
      try {
        const head = await follow((response, flow) => {
          const unpacked = unpacking(isPacked(response, maxBytes))
          const body = new StreamedBody(flow)
          written = writeNewFile(path, [body.stream, unpacked, new ByteLimit(maxBytes)])
          return body
        })
        return { ...head, sizeBytes: (await written) ?? 0 }
      } finally {
        // It fails for the same reason, and then there is no file.
        await written?.catch(() => undefined)
      }
    })
  }

  /** Calls a target whose answer does not matter but for its status; any status resolves. */
  call(request: OutboundRequest): Promise<OutboundHead> {
    return this.#run(request, (follow) => follow(undefined))
  }

  /** What was counted so far. */
  get counts(): OutboundCounts {
    const [answered, failed] = [this.#answered, { ...this.#failed }]
    return { answered, failed, open: this.#shares.inAll, lookups: this.#lookups.counts }
  }

  /** Ends everything that is under way and closes all connections. */
  close(): void {
    this.#isClosed = true
    for (const ending of this.#endings) ending.end(new OutboundError('NETWORK', 'the client is closed'))
    this.#connections.close()
  }

  async #run<Result>(
    request: OutboundRequest,
    work: (follow: (read: ResponseReader | undefined) => Promise<OutboundHead>) => Promise<Result>,
  ): Promise<Result> {
    if (this.#isClosed) throw new OutboundError('NETWORK', 'the client is closed')
    const url = URL.parse(request.url)
    const host = url?.host ?? ''
    if (!this.#shares.take(host)) {
      this.#failed.TOO_BUSY++
      const message = `${describeTarget(request.url)}: has its share of the requests under way`
      throw new OutboundError('TOO_BUSY', message)
    }
    const ending = new Ending()
    this.#endings.add(ending)
    const timer = this.#clock.after(request.timeoutMs, () => {
      ending.end(new OutboundError('TIMEOUT', `not done within ${request.timeoutMs} ms`))
    })
    const giveUp = (): void => ending.end(new OutboundError('NETWORK', 'given up by the caller'))
    if (request.signal?.aborted) giveUp()
    request.signal?.addEventListener('abort', giveUp)
    try {
      const result = await work((read) => this.#follow(firstStep(request, url), request, ending, read))
      this.#answered++
      return result
    } catch (error) {
      const failure = failureOf(ending.reason ?? error, request.url)
      this.#failed[failure.code]++
      throw failure
    } finally {
      timer.cancel()
      request.signal?.removeEventListener('abort', giveUp)
      this.#endings.delete(ending)
      this.#shares.giveBack(host)
    }
  }

  /** Where the redirects end; the body goes to `read` when the status is 2xx, and without a `read` the status does not matter. */
  async #follow(
    first: Step,
    { maxRedirects = DEFAULT_MAX_REDIRECTS }: OutboundRequest,
    ending: Ending,
    read: ResponseReader | undefined,
  ): Promise<OutboundHead> {
    const readLast: ResponseReader = (head, flow) =>
      read && isSuccess(head.status) ? read(head, flow) : new UnwantedBody()
    let step = first
    for (let redirects = 0; ; redirects++) {
      if (ending.reason) throw ending.reason
      this.#guard.admit(step.url)
      const head = await this.#connections.exchange(this.#route(step), ending, readLast)
      const { status, headers } = head
      const location = firstOf(headers['location'])
      if (!REDIRECTS.has(status) || location === undefined) {
        if (read && !isSuccess(status))
          throw new OutboundError('HTTP_STATUS', `answered ${status}`, { status })
        return headOf(head, step.url)
      }
      if (redirects >= maxRedirects) {
        throw new OutboundError('REDIRECTS', `more than ${maxRedirects} redirects`)
      }
      step = nextStep(step, status, location)
    }
  }

  #route({ url, method, headers, body }: Step): RoutedRequest {
    const clean = cleanHeaders(headers)
    clean['host'] = url.host
    return { url, method, headers: clean, body, lookup: this.#guard.lookupFor(url) }
  }
}

/** One request on the way through redirects. */
type Step = {
  readonly url: URL
  readonly method: 'GET' | 'POST'
  readonly headers: OutboundHeaders
  readonly body: Uint8Array | undefined
}

function firstStep({ method = 'GET', headers = {}, body }: OutboundRequest, url: URL | null): Step {
  if (!url) throw new OutboundError('BLOCKED_TARGET', 'the URL cannot be read')
  return { url, method, headers, body }
}

function nextStep(step: Step, status: number, location: string): Step {
  const url = URL.parse(location, step.url.href)
  if (!url) throw new OutboundError('REDIRECTS', 'a redirect leads to what is no URL')
  const headers = url.origin === step.url.origin ? step.headers : portableHeaders(step.headers)
  if (SAME_METHOD.has(status) || step.method === 'GET') return { ...step, url, headers }
  return { url, method: 'GET', headers: headersWithoutBody(headers), body: undefined }
}

function headOf({ status, headers }: ResponseHead, url: URL): OutboundHead {
  const [contentType = ''] = (firstOf(headers['content-type']) ?? '').split(';')
  return { status, url: url.href, contentType: contentType.trim().toLowerCase() }
}

function firstOf(values: string | string[] | undefined): string | undefined {
  return typeof values === 'string' ? values : values?.[0]
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}

/** Resolves with the number of bytes; otherwise there is no file, and `steps` are over. */
async function writeNewFile(path: string, steps: readonly [Readable, Duplex, ByteLimit]): Promise<number> {
  const [body, unpacked, limit] = steps
  try {
    await using file = await open(path, 'wx')
    try {
      await pipeline(body, unpacked, limit, file.createWriteStream())
    } catch (error) {
      await rm(path, { force: true })
      throw error
    }
    return limit.sizeBytes
  } catch (error) {
    body.destroy(error as Error)
    throw error
  }
}

function failureOf(error: unknown, url: string): OutboundError {
  if (error instanceof OutboundError) {
    const { code, message, status } = error
    return new OutboundError(code, `${describeTarget(url)}: ${message}`, {
      cause: error,
      ...(status !== undefined && { status }),
    })
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  return new OutboundError('NETWORK', `${describeTarget(url)}: the connection failed (${code})`, {
    cause: error,
  })
}
