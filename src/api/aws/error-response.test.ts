import { expect, test } from 'vitest'
import { DomainError } from '../../domain/errors.ts'
import type { DomainErrorCode } from '../../domain/errors.ts'
import { StoreError } from '../../store/index.ts'
import { errorBody, toWireError } from './error-response.ts'
import { ProtocolError } from './protocol-error.ts'
import type { ProtocolErrorCode } from './protocol-error.ts'

const DOMAIN: readonly (readonly [DomainErrorCode, number, string])[] = [
  ['VALIDATION', 400, 'ValidationException'],
  ['QUOTA_EXCEEDED', 402, 'ServiceQuotaExceededException'],
  ['RESOURCE_NOT_FOUND', 404, 'ResourceNotFoundException'],
  ['CHANNEL_NOT_BROADCASTING', 404, 'ChannelNotBroadcasting'],
  ['CONFLICT', 409, 'ConflictException'],
  ['STREAM_UNAVAILABLE', 503, 'StreamUnavailable'],
]

test.each(DOMAIN)('a domain error %s is a %i %s with its own text', (code, status, type) => {
  const error = toWireError(new DomainError(code, 'the text'))
  expect(error).toEqual({ type, status, message: `${type}: the text` })
  expect(errorBody(error)).toEqual({ exceptionMessage: error.message, message: error.message })
})

const PROTOCOL: readonly (readonly [ProtocolErrorCode, number, string])[] = [
  ['REQUEST_MALFORMED', 400, 'MalformedHttpRequestException'],
  ['ACCESS_DENIED', 403, 'AccessDeniedException'],
  ['AUTHENTICATION_MISSING', 403, 'MissingAuthenticationToken'],
  ['CLIENT_UNRECOGNIZED', 403, 'UnrecognizedClientException'],
  ['SIGNATURE_INVALID', 403, 'InvalidSignatureException'],
  ['SIGNATURE_INCOMPLETE', 403, 'IncompleteSignature'],
  ['UNKNOWN_OPERATION', 404, 'UnknownOperationException'],
  ['REQUEST_TOO_LARGE', 413, 'RequestEntityTooLargeException'],
]

test.each(PROTOCOL)('a protocol error %s is a %i %s', (code, status, type) => {
  expect(toWireError(new ProtocolError(code, 'the text'))).toEqual({
    type,
    status,
    message: `${type}: the text`,
  })
})

test('faults of the store never show their text', () => {
  expect(toWireError(new StoreError('STORE_BUSY', 'secret'))).toEqual({
    type: 'ServiceUnavailable',
    status: 503,
    message: 'ServiceUnavailable: the service cannot take the request now, try again',
  })
  expect(toWireError(new StoreError('STATEMENT_FAILED', 'secret'))).toEqual({
    type: 'InternalServerException',
    status: 500,
    message: 'InternalServerException: the request failed inside the service',
  })
})

test.each([
  new TypeError('secret'),
  Object.assign(new Error('secret'), { statusCode: 400 }),
  'secret',
  undefined,
  null,
])('anything else is a fault of ours: %s', (thrown) => {
  expect(toWireError(thrown)).toMatchObject({
    status: 500,
    message: 'InternalServerException: the request failed inside the service',
  })
})
