/**
 * A second service on the same endpoint, in the two protocols that name their operation beside the path: awsJson 1.0
 * (`X-Amz-Target`) and AWS Query (`Action` in a form, answered in XML).
 *
 * Knows no operation by name. Times are numbers of seconds in requests, and `Date` in answers.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { TSchema } from 'typebox'
import type { Logger } from '../../base/logger.ts'
import type { Authenticate } from './authenticate.ts'
import type { WireError } from './error-response.ts'
import { createInputChecker } from './input-check.ts'
import type { CheckedInput } from './input-check.ts'
import { ProtocolError } from './protocol-error.ts'
import { readQueryForm } from './query-form.ts'
import { readJsonObject, refuseContentEncoding } from './request-body.ts'
import type { JsonObject } from './request-body.ts'
import { ERROR_TYPE_HEADER, SECURITY_HEADERS } from './response-headers.ts'
import type { Throttle } from './throttle.ts'
import { printXml } from './xml.ts'

/** An operation of such a service. */
export type TargetOperation = {
  /** As the contract spells it. */
  readonly name: string
  readonly input: TSchema
  /** @param input has passed the check against `input`. */
  readonly run: (accountId: string, input: unknown) => Promise<object>
}

/** How an error looks to the clients of the service: with the code that the Query protocol has for it. */
export type TargetError = WireError & { readonly queryCode: string }

/** A service and its operations. */
export type TargetService = {
  /** What stands before the operation's name in `X-Amz-Target`. */
  readonly targetPrefix: string
  /** Namespace of its XML. */
  readonly xmlNamespace: string
  readonly operations: readonly TargetOperation[]
  readonly toError: (error: unknown) => TargetError
}

/** What serving needs. */
export type TargetServiceOptions = {
  /** Takes signatures that are scoped to the service. */
  readonly authenticate: Authenticate
  readonly throttle: Throttle
  readonly logger: Logger
}

type Protocol = 'json' | 'query'
type Served = {
  readonly operation: TargetOperation
  readonly check: (input: unknown) => CheckedInput
}

const NO_BODY = Buffer.alloc(0)
const CONTENT_TYPES = { json: 'application/x-amz-json-1.0', query: 'text/xml' } as const
/** Tells JSON clients the code that they knew from the Query protocol. */
const QUERY_ERROR_HEADER = 'x-amzn-query-error'

/** Answers the service's operations on `POST /` of `app`. */
export function addTargetService(
  app: FastifyInstance,
  service: TargetService,
  options: TargetServiceOptions,
): void {
  const checker = createInputChecker()
  const served = new Map<string, Served>(
    service.operations.map((operation) => [operation.name, { operation, check: checker(operation.input) }]),
  )
  app.route({
    method: 'POST',
    url: '/',
    errorHandler: (error, request, reply) => {
      sendError(service, options.logger, error, request, reply)
    },
    handler: async (request, reply) => {
      const { protocol, name, form } = readTarget(service, request)
      const found = served.get(name)
      if (!found) throw new ProtocolError('UNKNOWN_OPERATION', 'there is no operation of this name')
      const accountId = admit(found.operation, request, options)
      const input =
        protocol === 'json' ? readJsonObject(bodyOf(request)) : readQueryForm(form, found.operation.input)
      const checked = found.check(input satisfies JsonObject)
      if ('error' in checked) throw checked.error
      const output = await found.operation.run(accountId, checked.value)
      options.logger.debug('operation answered', { operation: name, requestId: request.id })
      const text = protocol === 'json' ? printJson(output) : printAnswer(service, name, output, request.id)
      return send(reply, protocol, text)
    },
  })
}

function admit({ name }: TargetOperation, request: FastifyRequest, options: TargetServiceOptions): string {
  const { method, url, raw, headers } = request
  const signed = { method, url, headers: raw.headersDistinct, body: bodyOf(request) }
  const { accountId } = options.authenticate(signed)
  options.throttle(name, accountId)
  refuseContentEncoding(headers['content-encoding'])
  return accountId
}

function readTarget(
  { targetPrefix }: TargetService,
  request: FastifyRequest,
): { readonly protocol: Protocol; readonly name: string; readonly form: URLSearchParams } {
  const protocol = protocolOf(request)
  const form = new URLSearchParams(protocol === 'query' ? bodyOf(request).toString('utf8') : '')
  const target = request.headers['x-amz-target']?.toString() ?? ''
  const isOurs = target.startsWith(`${targetPrefix}.`)
  const name = protocol === 'json' && isOurs ? target.slice(targetPrefix.length + 1) : form.get('Action')
  if (name !== null) return { protocol, name, form }
  throw new ProtocolError('UNKNOWN_OPERATION', 'there is no operation with this method and path')
}

function protocolOf({ headers }: FastifyRequest): Protocol {
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false
  return isForm && headers['x-amz-target'] === undefined ? 'query' : 'json'
}

function bodyOf({ body }: FastifyRequest): Buffer {
  return Buffer.isBuffer(body) ? body : NO_BODY
}

function sendError(
  service: TargetService,
  logger: Logger,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { type, status, message, queryCode } = service.toError(error)
  if (status >= 500) logger.error('operation failed', { requestId: request.id, err: error })
  const fault = status >= 500 ? 'Receiver' : 'Sender'
  reply.code(status).headers({
    ...SECURITY_HEADERS,
    [ERROR_TYPE_HEADER]: type,
    [QUERY_ERROR_HEADER]: `${queryCode};${fault}`,
  })
  const protocol = protocolOf(request)
  if (protocol === 'json') return send(reply, protocol, JSON.stringify({ __type: type, message }))
  const detail = { Type: fault, Code: queryCode, Message: message }
  const body = { Error: detail, RequestId: request.id }
  return send(reply, protocol, printXml('ErrorResponse', body, service.xmlNamespace))
}

function printAnswer(
  { xmlNamespace }: TargetService,
  name: string,
  output: object,
  requestId: string,
): string {
  const body = { [`${name}Result`]: output, ResponseMetadata: { RequestId: requestId } }
  return printXml(`${name}Response`, body, xmlNamespace)
}

// The protocol's times are seconds; Date has made text of itself when a replacer sees it, so the holder is asked.
function printJson(output: object): string {
  return JSON.stringify(output, function (this: Readonly<Record<string, unknown>>, key, value: unknown) {
    const original = this[key]
    return original instanceof Date ? original.getTime() / 1000 : value
  })
}

function send(reply: FastifyReply, protocol: Protocol, text: string): FastifyReply {
  // As bytes: to text Fastify would add a charset.
  return reply.header('content-type', CONTENT_TYPES[protocol]).send(Buffer.from(text))
}
