/**
 * The request to an ad server, made of a configuration's template and what is known of the viewer.
 *
 * Reference: ssai §2.1 (HttpRequest), §3.2.
 */
import { gzipSync } from 'node:zlib'
import type { AdSettings } from '../../domain/playback-configuration.ts'
import type { AdViewer } from '../ad-viewer.ts'
import { TextTemplate, UrlTemplate, type TextForm } from './ad-template.ts'
import type { VariableFacts } from './ad-variables.ts'

/** What goes to the ad server. */
export type AdWish = {
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | undefined
  readonly unknownVariables: readonly string[]
}

/** What is sent for a viewer to whichever server: the ad server's and those that it sends on to. */
export function viewerHeaders({ address, userAgent, acceptLanguage }: AdViewer): Record<string, string> {
  return {
    'user-agent': userAgent === '' ? 'headwater' : userAgent,
    'x-forwarded-for': address,
    ...(acceptLanguage !== '' && { 'accept-language': acceptLanguage }),
  }
}

/** Makes the requests of one configuration. */
export class AdRequestTemplate {
  readonly #method: 'GET' | 'POST'
  readonly #isPacked: boolean
  readonly #url: UrlTemplate
  readonly #headers: readonly (readonly [string, TextTemplate])[]
  readonly #body: TextTemplate

  constructor({ adDecisionServerUrl, httpRequest }: AdSettings) {
    const { method, headers, body, compress } = httpRequest
    this.#method = method
    this.#isPacked = compress === 'GZIP'
    this.#url = new UrlTemplate(adDecisionServerUrl)
    this.#headers = Object.entries(headers).map(
      ([name, value]) => [name.toLowerCase(), new TextTemplate(value, 'plain')] as const,
    )
    this.#body = new TextTemplate(body, formOf(headers))
  }

  /** Undefined when a variable in the URL's host is no alias of the configuration. */
  fill(facts: VariableFacts): AdWish | undefined {
    const url = this.#url.fill(facts)
    if (!url) return undefined
    const headers = this.#headers.map(([name, template]) => [name, template.fill(facts)] as const)
    const hasBody = this.#method === 'POST'
    const body = hasBody ? this.#body.fill(facts) : undefined
    const bytes = body && Buffer.from(body.text)
    return {
      url: url.text,
      method: this.#method,
      headers: {
        ...viewerHeaders(facts.request.viewer),
        ...Object.fromEntries(headers.map(([name, { text }]) => [name, text])),
        ...(bytes && this.#isPacked && { 'content-encoding': 'gzip' }),
      },
      body: bytes && this.#isPacked ? gzipSync(bytes) : bytes,
      unknownVariables: [url, ...headers.map(([, header]) => header), ...(body ? [body] : [])].flatMap(
        ({ unknownVariables }) => unknownVariables,
      ),
    }
  }
}

function formOf(headers: Readonly<Record<string, string>>): TextForm {
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? ''
  if (type.includes('application/json')) return 'json'
  return type.includes('application/x-www-form-urlencoded') ? 'form' : 'plain'
}
