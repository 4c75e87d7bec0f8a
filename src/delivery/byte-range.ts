/**
 * The Range header of a request for bytes.
 *
 * Spec: RFC 9110 §14.1.2 (byte ranges), §14.2 (a server may ignore what it does not serve).
 */

/** Bytes from `start` up to, not including, `end`. */
export type ByteRange = { readonly start: number; readonly end: number }

/** The single range of `header` within `sizeBytes`; undefined when the whole body should be sent. */
export function parseRange(header: string, sizeBytes: number): ByteRange | 'unsatisfiable' | undefined {
  const match = /^bytes=([0-9]{0,15})-([0-9]{0,15})$/.exec(header.trim())
  if (!match) return undefined
  const [, first = '', last = ''] = match
  if (first === '') return suffixRange(last, sizeBytes)
  const start = Number(first)
  if (last !== '' && Number(last) < start) return undefined
  if (start >= sizeBytes) return 'unsatisfiable'
  const end = last === '' ? sizeBytes : Math.min(sizeBytes, Number(last) + 1)
  return { start, end }
}

function suffixRange(length: string, sizeBytes: number): ByteRange | 'unsatisfiable' | undefined {
  if (length === '') return undefined
  const bytes = Number(length)
  if (bytes === 0 || sizeBytes === 0) return 'unsatisfiable'
  return { start: Math.max(0, sizeBytes - bytes), end: sizeBytes }
}
