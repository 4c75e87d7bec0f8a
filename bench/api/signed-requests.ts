/**
 * Whole HTTP requests, signed as SDKs sign, and the script that makes wrk send them in turn.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import type { AccessKey } from '../../src/api/index.ts'
import { SIGNATURE_ALGORITHM } from '../../src/api/aws/authorization-header.ts'
import { deriveSigningKey, expectedSignature, sha256 } from '../../src/api/aws/signature.ts'
import { scratchDirectory } from '../rig/scratch-directory.ts'
import { BENCH_ACCOUNT, BENCH_REGION } from './seeded-store.ts'

/** The key that signs. */
export const BENCH_KEY: AccessKey = {
  id: 'AKIDBENCH00000001',
  secret: 'bench-secret-of-the-bench',
  account: BENCH_ACCOUNT,
}

/** An operation and the bodies to call it with, one after the other. */
export type CallPlan = { readonly operation: string; readonly bodies: readonly object[] }

// Requests never hold this byte.
const SEPARATOR = '\0'
const SCRIPT = `
local requests, at = {}, 0
function init(args)
  local file = io.open(args[1], 'rb')
  for request in file:read('*a'):gmatch('[^%z]+') do requests[#requests + 1] = request end
  file:close()
end
function request()
  at = at % #requests + 1
  return requests[at]
end
`

const directory = scratchDirectory('signed')

/** Files for wrk: a script and the requests it reads; the signatures hold for five minutes. */
export function writeSignedRequests(
  url: string,
  plan: CallPlan,
): { readonly script: string; readonly requests: string } {
  const script = join(directory, 'send.lua')
  const requests = join(directory, 'requests')
  const timestamp = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
  const scope = { date: timestamp.slice(0, 8), region: BENCH_REGION, service: 'ivs' }
  const signingKey = deriveSigningKey(BENCH_KEY.secret, scope)
  const texts = plan.bodies.map((body) => {
    const text = JSON.stringify(body)
    const headers = headersOf(new URL(url).host, timestamp, text)
    const signedHeaders = Object.keys(headers).sort()
    const claim = { ...scope, accessKeyId: BENCH_KEY.id, signedHeaders, signature: '' }
    const distinct = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]))
    const request = { method: 'POST', url: `/${plan.operation}`, headers: distinct, body: Buffer.from(text) }
    const signature = expectedSignature(request, claim, timestamp, signingKey)
    const credential = `${BENCH_KEY.id}/${scope.date}/${scope.region}/${scope.service}/aws4_request`
    const authorization = `${SIGNATURE_ALGORITHM} Credential=${credential}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`
    return requestText(plan.operation, { ...headers, authorization }, text)
  })
  writeFileSync(script, SCRIPT)
  writeFileSync(requests, texts.join(SEPARATOR))
  return { script, requests }
}

function headersOf(host: string, timestamp: string, body: string): Readonly<Record<string, string>> {
  return {
    host,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'x-amz-content-sha256': sha256(Buffer.from(body)),
    'x-amz-date': timestamp,
    'x-amz-user-agent': 'aws-sdk-js/3.1136.0 ua/2.1 os/linux lang/js md/nodejs#24 api/ivs#3.1136.0',
    'amz-sdk-invocation-id': randomUUID(),
    'amz-sdk-request': 'attempt=1; max=3',
  }
}

function requestText(operation: string, headers: Readonly<Record<string, string>>, body: string): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return [`POST /${operation} HTTP/1.1`, ...lines, '', body].join('\r\n')
}
