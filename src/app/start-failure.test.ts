import { expect, test } from 'vitest'
import { readConfig } from './config/read-config.ts'
import { startFailureText } from './start-failure.ts'

const config = readConfig({ flags: {}, environment: {} })

function systemError(code: string, fields: object = {}): Error {
  return Object.assign(new Error(`listen ${code}`), { code, ...fields })
}

test.each([
  ['EADDRINUSE', { port: 1935 }, 'port 1935 is in use; give another one with --rtmp-port (setting rtmpPort)'],
  ['EADDRINUSE', { port: 7 }, 'port 7 is in use; change its setting'],
  [
    'EACCES',
    { port: 8080 },
    'no permission to listen on port 8080; give another one with --http-port (setting httpPort)',
  ],
  [
    'EADDRNOTAVAIL',
    { port: 8080 },
    'host "127.0.0.1" is no address of this machine; give another one with --host',
  ],
])('%s %j becomes advice', (code, fields, text) => {
  expect(startFailureText(systemError(code, fields), config)).toBe(text)
})

test('an error of the project speaks for itself', () => {
  const error = Object.assign(new Error('the data directory is in use'), {
    name: 'StoreError',
    code: 'DATA_DIR_IN_USE',
  })
  expect(startFailureText(error, config)).toBe('the data directory is in use')
})

test.each([new TypeError('x is not a function'), systemError('EACCES', { path: '/data' }), 'text'])(
  'anything else is a fault whose stack is worth seeing: %s',
  (error) => {
    expect(startFailureText(error, config)).toBeUndefined()
  },
)
