/**
 * A second service on the same endpoint, in the protocols of `target-protocols.ts`.
 *
 * Knows no operation by name.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { TSchema } from 'typebox'
import type { Logger } from '../../base/logger.ts'
import type { Authenticate } from './authenticate.ts'
import { createInputChecker } from './input-check.ts'
import type { CheckedInput } from './input-check.ts'
import { ProtocolError } from './protocol-error.ts'
import { refuseContentEncoding } from './request-body.ts'
import { ERROR_TYPE_HEADER, SECURITY_HEADERS } from './response-headers.ts'
import { faultOf, protocolOf, TARGET_PATHS } from './target-protocols.ts'
import type { TargetError, TargetNames, TargetProtocol, TargetRequest } from './target-protocols.ts'
import type { Throttle } from './throttle.ts'

/** An operation of such a service. */
export type TargetOperation = {
  /** As the contract spells it. */
  readonly name: string
  readonly input: TSchema
  /** @param input has passed the check against `input`. */
  readonly run: (accountId: string, input: unknown) => Promise<object>
}

/** A service and its operations. */
export type TargetService = TargetNames & {
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

type Served = {
  readonly operation: TargetOperation
  readonly check: (input: unknown) => CheckedInput
}

/** Tells clients the code that they knew from the Query protocol. */
const QUERY_ERROR_HEADER = 'x-amzn-query-error'

/** Answers the service's operations, wherever its protocols have them, on `app`. */
export function addTargetService(
  app: FastifyInstance,
  service: TargetService,
  options: TargetServiceOptions,
): void {
  const checker = createInputChecker()
  const served = new Map<string, Served>(
    service.operations.map((operation) => [operation.name, { operation, check: checker(operation.input) }]),
  )
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const asked = toTargetRequest(request)
    const protocol = protocolOf(asked)
    const name = protocol.nameOf(asked, service)
    const found = name === undefined ? undefined : served.get(name)
    if (!found) throw new ProtocolError('UNKNOWN_OPERATION', 'there is no operation of this name')
    const { operation, check } = found
    const accountId = admit(operation, request, options)
    const checked = check(protocol.readInput(asked.body, operation.input))
    if ('error' in checked) throw checked.error
    const output = await operation.run(accountId, checked.value)
    options.logger.debug('operation answered', { operation: operation.name, requestId: request.id })
    const scene = { ...service, operation: operation.name, requestId: request.id }
    return send(reply, protocol, protocol.printOutput(output, scene))
  }
  for (const url of TARGET_PATHS) {
    app.route({
      method: 'POST',
      url,
      errorHandler: (error, request, reply) => {
        sendError(service, options.logger, error, request, reply)
      },
      handler: answer,
    })
  }
}

function admit({ name }: TargetOperation, request: FastifyRequest, options: TargetServiceOptions): string {
  const { method, url, raw, headers } = request
  const signed = { method, url, headers: raw.headersDistinct, body: toTargetRequest(request).body }
  const { accountId } = options.authenticate(signed)
  options.throttle(name, accountId)
  refuseContentEncoding(headers['content-encoding'])
  return accountId
}

function toTargetRequest({ url, headers, body }: FastifyRequest): TargetRequest {
  return { url, headers, body: Buffer.isBuffer(body) ? body : Buffer.alloc(0) }
}

function sendError(
  service: TargetService,
  logger: Logger,
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const error = service.toError(thrown)
  const { type, status, queryCode } = error
  if (status >= 500) logger.error('operation failed', { requestId: request.id, err: thrown })
  reply.code(status).headers({
    ...SECURITY_HEADERS,
    [ERROR_TYPE_HEADER]: type,
    [QUERY_ERROR_HEADER]: `${queryCode};${faultOf(error)}`,
  })
  const protocol = protocolOf(toTargetRequest(request))
  return send(reply, protocol, protocol.printError(error, { ...service, requestId: request.id }))
}

function send(reply: FastifyReply, { headers }: TargetProtocol, body: Buffer): FastifyReply {
  // As bytes: to text Fastify would add a charset.
  return reply.headers(headers).send(body)
}
