/**
 * AWS rest-json over Fastify: routing, request ids, bodies, callers, and errors in the contract's form.
 *
 * Knows no operation by name.
 */
import { randomUUID } from 'node:crypto'
import { fastify } from 'fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from '../../base/logger.ts'
import type { ApiServices, Operation } from '../operation.ts'
import type { Authenticate } from './authenticate.ts'
import type { ErrorForm } from './error-response.ts'
import { createInputChecker } from './input-check.ts'
import type { CheckedInput } from './input-check.ts'
import { ProtocolError } from './protocol-error.ts'
import { MAX_BODY_BYTES, readJsonObject, refuseContentEncoding } from './request-body.ts'
import type { JsonObject } from './request-body.ts'
import { gatherInput, routeOf } from './request-input.ts'
import { addSignedForConstraint, SIGNED_FOR } from './signed-for.ts'
import type { Throttle } from './throttle.ts'
import {
  CORS_HEADERS,
  ERROR_TYPE_HEADER,
  PREFLIGHT_HEADERS,
  REQUEST_ID_HEADER,
  SECURITY_HEADERS,
} from './response-headers.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller's account, once it is known. */
    accountId: string
  }
}

/** A service whose operations are answered. */
export type RestService = {
  /** As in the scope of signatures. */
  readonly name: string
  readonly operations: readonly Operation[]
  readonly services: ApiServices
  readonly authenticate: Authenticate
  readonly errors: ErrorForm
}

/** What the protocol needs to run operations. */
export type RestJsonOptions = {
  /**
   * At least one. Where two have the same method and path, the scope of the signature decides; the first answers whatever
   * no other does.
   */
  readonly services: readonly [RestService, ...RestService[]]
  readonly throttle: Throttle
  readonly logger: Logger
}

type Running = Pick<RestJsonOptions, 'throttle' | 'logger'> & { readonly service: RestService }

const NO_BODY = Buffer.alloc(0)
/** A name of 512 characters, every one of them written in percent-encoding. */
const MAX_PATH_PARAMETER_CHARS = 6144

/** A Fastify instance that answers the operations of `services`, and all else with an error. It does not listen. */
export function createRestJson(options: RestJsonOptions): FastifyInstance {
  const { services, throttle, logger } = options
  const sendError = errorSender(services[0].errors, logger)
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    genReqId: () => randomUUID(),
    return503OnClosing: false,
    // HEAD is no operation's method.
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: MAX_PATH_PARAMETER_CHARS },
    frameworkErrors: (error, request, reply) => void sendError(error, request, reply),
  })
  const checker = createInputChecker()
  app.setErrorHandler(sendError)
  app.setNotFoundHandler(answerUnknown)
  app.decorateRequest('accountId', '')
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers({ ...CORS_HEADERS, [REQUEST_ID_HEADER]: request.id })
    done()
  })
  // Bodies stay bytes until the caller is known: a signature covers the bytes.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  addSignedForConstraint(app)
  const taken = new Set<string>()
  for (const service of services) {
    for (const operation of service.operations) {
      const place = `${operation.method} ${routeOf(operation)}`
      const isShared = taken.has(place)
      taken.add(place)
      addRoute(app, operation, checker(operation.input), { service, throttle, logger, isShared })
    }
  }
  return app
}

function openRequest(request: FastifyRequest, operation: Operation, { service, throttle }: Running): void {
  const { method, url, headers, raw } = request
  const body = Buffer.isBuffer(request.body) ? request.body : NO_BODY
  request.accountId = service.authenticate({ method, url, headers: raw.headersDistinct, body }).accountId
  throttle(operation.name, request.accountId)
  refuseContentEncoding(headers['content-encoding'])
  request.body = readJsonObject(body)
}

function addRoute(
  app: FastifyInstance,
  operation: Operation,
  check: (input: unknown) => CheckedInput,
  running: Running & { readonly isShared: boolean },
): void {
  const { service, throttle, logger, isShared } = running
  const sendError = errorSender(service.errors, logger)
  app.route({
    method: operation.method,
    url: routeOf(operation),
    ...(isShared && { constraints: { [SIGNED_FOR]: service.name } }),
    errorHandler: (error, request, reply) => void sendError(error, request, reply),
    preValidation: (request, _reply, done) => {
      openRequest(request, operation, running)
      done()
    },
    handler: async (request, reply) => {
      const input = gatherInput(operation, request, request.body as JsonObject)
      const checked = check(input)
      if ('error' in checked) throw checked.error
      throttleMember(operation, input, request.accountId, throttle)
      const output = await operation.run({ ...service.services, accountId: request.accountId }, checked.value)
      logger.debug('operation answered', { operation: operation.name, requestId: request.id })
      if (operation.securityHeaders) reply.headers(SECURITY_HEADERS)
      reply.code(operation.status)
      if (operation.status === 204) return reply.send()
      return sendJson(reply, output ?? {})
    },
  })
}

function throttleMember(
  { memberRate }: Operation,
  input: JsonObject,
  accountId: string,
  throttle: Throttle,
): void {
  if (memberRate) throttle(memberRate.rateName, `${accountId} ${String(input[memberRate.member])}`)
}

function answerUnknown(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (request.method === 'OPTIONS') return reply.code(204).headers(PREFLIGHT_HEADERS).send()
  throw new ProtocolError('UNKNOWN_OPERATION', 'there is no operation with this method and path')
}

function errorSender(errors: ErrorForm, logger: Logger) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const wireError = errors.toError(error)
    if (wireError.status >= 500) {
      logger.error('operation failed', { route: request.routeOptions.url, requestId: request.id, err: error })
    }
    reply
      .code(wireError.status)
      .headers({ ...CORS_HEADERS, ...SECURITY_HEADERS })
      .header(REQUEST_ID_HEADER, request.id)
      .header(ERROR_TYPE_HEADER, wireError.type)
    return sendJson(reply, errors.bodyOf(wireError))
  }
}

// With a serializer of its own: to other JSON Fastify would add a charset, which the contract's content type does not
// have. As text and not bytes, so that head and body go out in one write.
function sendJson(reply: FastifyReply, value: object): FastifyReply {
  return reply.header('content-type', 'application/json').serializer(toJson).send(value)
}

function toJson(value: unknown): string {
  return JSON.stringify(value)
}
