/**
 * The protocols that name their operation beside the method: awsJson 1.0 (`X-Amz-Target`), AWS Query (`Action` in a form,
 * answered in XML) and Smithy RPC v2 with CBOR (in the path).
 *
 * All read into the same members and print the same. Times are numbers of seconds in requests, and `Date` in answers.
 *
 * Spec: Smithy 2.0, AWS JSON 1.0, AWS query, Smithy RPC v2 CBOR; `aws.protocols#awsQueryCompatible`.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { TSchema } from 'typebox'
import { printCbor, readCborObject } from './cbor.ts'
import type { WireError } from './error-response.ts'
import { readQueryForm } from './query-form.ts'
import { readJsonObject } from './request-body.ts'
import type { JsonObject } from './request-body.ts'
import { printXml } from './xml.ts'

/** What protocols call a service. */
export type TargetNames = {
  /** What stands before the operation's name in `X-Amz-Target`, and in paths. */
  readonly targetPrefix: string
  /** Namespace of its XML. */
  readonly xmlNamespace: string
  /** Namespace of its shapes. */
  readonly shapeNamespace: string
}

/** How an error looks to the clients of the service: with the code that the Query protocol has for it. */
export type TargetError = WireError & { readonly queryCode: string }

/** A request, as far as a protocol looks at it. */
export type TargetRequest = {
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** What answers tell beside their content. */
export type TargetScene = TargetNames & { readonly requestId: string }

/** How one protocol asks and is answered. */
export type TargetProtocol = {
  /** Of every answer. */
  readonly headers: Readonly<Record<string, string>>
  /** Undefined when the request names none of this service. */
  readonly nameOf: (request: TargetRequest, names: TargetNames) => string | undefined
  /** Not checked yet. */
  readonly readInput: (body: Buffer, input: TSchema) => JsonObject
  readonly printOutput: (output: object, scene: TargetScene & { readonly operation: string }) => Buffer
  readonly printError: (error: TargetError, scene: TargetScene) => Buffer
}

/** Paths that requests have, in the form of the router. */
export const TARGET_PATHS: readonly string[] = ['/', '/service/:service/operation/:operation']

const CBOR_PATH = /^\/service\/([^/?]+)\/operation\/([^/?]+)$/

const JSON_1_0: TargetProtocol = {
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  nameOf: ({ headers }, { targetPrefix }) => {
    const target = headers['x-amz-target']?.toString() ?? ''
    return target.startsWith(`${targetPrefix}.`) ? target.slice(targetPrefix.length + 1) : undefined
  },
  readInput: readJsonObject,
  printOutput: (output) => Buffer.from(printJson(output)),
  printError: ({ type, message }) => Buffer.from(JSON.stringify({ __type: type, message })),
}

const QUERY: TargetProtocol = {
  headers: { 'content-type': 'text/xml' },
  nameOf: ({ body }) => formOf(body).get('Action') ?? undefined,
  readInput: (body, input) => readQueryForm(formOf(body), input),
  printOutput: (output, { operation, xmlNamespace, requestId }) => {
    const body = { [`${operation}Result`]: output, ResponseMetadata: { RequestId: requestId } }
    return Buffer.from(printXml(`${operation}Response`, body, xmlNamespace))
  },
  printError: (error, { xmlNamespace, requestId }) => {
    const detail = { Type: faultOf(error), Code: error.queryCode, Message: error.message }
    return Buffer.from(printXml('ErrorResponse', { Error: detail, RequestId: requestId }, xmlNamespace))
  },
}

const RPC_V2_CBOR: TargetProtocol = {
  headers: { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' },
  nameOf: ({ url }, { targetPrefix }) => {
    const [, service, operation] = CBOR_PATH.exec(url) ?? []
    return service === targetPrefix ? operation : undefined
  },
  readInput: readCborObject,
  printOutput: printCbor,
  printError: ({ type, message }, { shapeNamespace }) =>
    printCbor({ __type: `${shapeNamespace}#${type}`, message }),
}

/** The protocol of a request on one of `TARGET_PATHS`. */
export function protocolOf({ url, headers }: TargetRequest): TargetProtocol {
  if (CBOR_PATH.test(url)) return RPC_V2_CBOR
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false
  return isForm && headers['x-amz-target'] === undefined ? QUERY : JSON_1_0
}

/** Who is to blame for an error. */
export function faultOf({ status }: Pick<WireError, 'status'>): 'Receiver' | 'Sender' {
  return status >= 500 ? 'Receiver' : 'Sender'
}

function formOf(body: Buffer): URLSearchParams {
  return new URLSearchParams(body.toString('utf8'))
}

// The protocol's times are seconds; Date has made text of itself when a replacer sees it, so the holder is asked.
function printJson(output: object): string {
  return JSON.stringify(output, function (this: Readonly<Record<string, unknown>>, key, value: unknown) {
    const original = this[key]
    return original instanceof Date ? original.getTime() / 1000 : value
  })
}
