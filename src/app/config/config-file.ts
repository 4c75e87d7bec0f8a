/**
 * Reads the YAML config file into text values, before any of them is understood.
 */
import { readFileSync, statSync } from 'node:fs'
import { parseDocument } from 'yaml'
import { ConfigError } from './config-error.ts'
import type { RawValue } from './raw-value.ts'

const MAX_FILE_BYTES = 1024 * 1024

/**
 * Key and raw value of each setting in the file.
 *
 * @throws {ConfigError} when the file cannot be read, is larger than 1 MiB, or is not one YAML map.
 */
export function readConfigFile(path: string): ReadonlyMap<string, RawValue> {
  return parseConfigText(path, readText(path))
}

function parseConfigText(path: string, text: string): ReadonlyMap<string, RawValue> {
  // The failsafe schema leaves every scalar as it was typed: an account of twelve zeros stays twelve zeros.
  const document = parseDocument(text, { schema: 'failsafe', prettyErrors: true })
  const [problem] = document.errors
  if (problem) {
    const [firstLine = ''] = problem.message.split('\n')
    throw new ConfigError('CONFIG_FILE_INVALID', `config file ${path} is not valid YAML: ${firstLine}`)
  }
  const content = plainContent(path, document)
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new ConfigError('CONFIG_FILE_INVALID', `config file ${path} must be a map of settings`)
  }
  return new Map(Object.entries(content as Record<string, RawValue>))
}

function plainContent(path: string, document: ReturnType<typeof parseDocument>): unknown {
  if (document.contents === null) return {}
  try {
    return document.toJS({ maxAliasCount: 0 })
  } catch (cause) {
    // Aliases can blow a small file up without bound, and settings have no use for them.
    throw new ConfigError('CONFIG_FILE_INVALID', `config file ${path} uses YAML aliases; write values out`, {
      cause,
    })
  }
}

function readText(path: string): string {
  try {
    const { size } = statSync(path)
    if (size > MAX_FILE_BYTES) {
      throw new ConfigError(
        'CONFIG_FILE_INVALID',
        `config file ${path} has ${size} bytes; want at most ${MAX_FILE_BYTES}`,
      )
    }
    return readFileSync(path, 'utf8')
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause
    throw new ConfigError('CONFIG_FILE_UNREADABLE', `config file ${path} cannot be read: ${reason(cause)}`, {
      cause,
    })
  }
}

function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'EACCES') return 'no permission'
  return error instanceof Error ? error.message : String(error)
}
