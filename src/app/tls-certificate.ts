/**
 * The certificate of the TLS port: the operator's own, or a self-signed one for development, kept in the data directory.
 */
import { X509Certificate } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { generate } from 'selfsigned'
import type { Logger } from '../base/logger.ts'
import type { ServerConfig } from './config/server-config.ts'

/** PEM texts of a certificate chain and its private key. */
export type TlsIdentity = { readonly cert: string; readonly key: string }

/** Stable codes, listed in docs/reference/errors.md. */
export type TlsErrorCode = 'TLS_FILES_UNUSABLE'

/** The configured certificate or key cannot be used; the server does not start. */
export class TlsError extends Error {
  override readonly name = 'TlsError'
  readonly code: TlsErrorCode

  constructor(code: TlsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

const DAY_MS = 24 * 60 * 60 * 1000
const VALID_DAYS = 365
const RENEW_BEFORE_DAYS = 14
const LOCAL_NAMES = ['localhost', '127.0.0.1', '::1']

/** What the certificate is read from or made for. */
export type TlsIdentityOptions = Pick<ServerConfig, 'dataDir' | 'tlsCertificateFile' | 'tlsKeyFile'> & {
  /** Host names and addresses a self-signed certificate should be good for, besides the local ones. */
  readonly hosts: readonly string[]
  readonly nowMs: number
  readonly logger: Logger
}

/**
 * The identity of the TLS port.
 *
 * @throws {TlsError} when the configured files cannot be read or are not PEM.
 */
export async function loadTlsIdentity(options: TlsIdentityOptions): Promise<TlsIdentity> {
  const { tlsCertificateFile, tlsKeyFile } = options
  if (tlsCertificateFile !== undefined && tlsKeyFile !== undefined) {
    return readConfigured(tlsCertificateFile, tlsKeyFile)
  }
  const folder = join(options.dataDir, 'tls')
  const certFile = join(folder, 'self-signed-cert.pem')
  const keyFile = join(folder, 'self-signed-key.pem')
  const names = [...new Set([...LOCAL_NAMES, ...options.hosts])]
  const kept = await readPair(certFile, keyFile)
  if (kept && isStillGood(kept, names, options.nowMs)) return kept
  const made = await makeSelfSigned(names, options.nowMs)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeWhole(keyFile, made.key)
  await writeWhole(certFile, made.cert)
  options.logger.info('self-signed certificate made', { file: certFile, names })
  return made
}

async function readConfigured(certFile: string, keyFile: string): Promise<TlsIdentity> {
  try {
    const cert = await readFile(certFile, 'utf8')
    const key = await readFile(keyFile, 'utf8')
    new X509Certificate(cert)
    return { cert, key }
  } catch (cause) {
    const message = `the certificate ${certFile} or its key ${keyFile} cannot be used (tlsCertificateFile, tlsKeyFile)`
    throw new TlsError('TLS_FILES_UNUSABLE', message, { cause })
  }
}

async function readPair(certFile: string, keyFile: string): Promise<TlsIdentity | undefined> {
  try {
    return { cert: await readFile(certFile, 'utf8'), key: await readFile(keyFile, 'utf8') }
  } catch {
    return undefined
  }
}

function isStillGood(identity: TlsIdentity, names: readonly string[], nowMs: number): boolean {
  try {
    const certificate = new X509Certificate(identity.cert)
    const endsMs = Date.parse(certificate.validTo)
    if (endsMs < nowMs + RENEW_BEFORE_DAYS * DAY_MS) return false
    return names.every((name) =>
      isIP(name) === 0 ? certificate.checkHost(name) !== undefined : certificate.checkIP(name) !== undefined,
    )
  } catch {
    return false
  }
}

async function makeSelfSigned(names: readonly string[], nowMs: number): Promise<TlsIdentity> {
  const altNames = names.map((name) =>
    isIP(name) === 0 ? { type: 2 as const, value: name } : { type: 7 as const, ip: name },
  )
  const made = await generate([{ name: 'commonName', value: 'Headwater development' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(nowMs - DAY_MS),
    notAfterDate: new Date(nowMs + VALID_DAYS * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'subjectAltName', altNames },
    ],
  })
  return { cert: made.cert, key: made.private }
}

async function writeWhole(file: string, text: string): Promise<void> {
  const temporary = `${file}.new`
  await writeFile(temporary, text, { mode: 0o600 })
  await rename(temporary, file)
}
