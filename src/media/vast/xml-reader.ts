/**
 * Reads the bytes of an ad response as XML, bounded in size, in whatever encoding they are.
 *
 * Spec: XML 1.0 §2.8 (prolog), §4.3.3 (encodings).
 */
import type { XmlElement } from './xml-element.ts'
import { parseXml } from './xml-parser.ts'

/** Largest ad response that is read, in bytes. */
export const MAX_AD_RESPONSE_BYTES: number = 1024 * 1024

/** The root element, or why there is none. */
export type XmlReading =
  | { readonly kind: 'read'; readonly root: XmlElement }
  | { readonly kind: 'empty' }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'malformed' }

/** Reads a whole document; never throws. */
export function readXml(body: Uint8Array): XmlReading {
  if (body.length > MAX_AD_RESPONSE_BYTES) return { kind: 'too-large' }
  // Some servers send blank lines before the declaration, where XML allows nothing but a byte order mark.
  const text = decodeText(body).trim()
  if (text === '') return { kind: 'empty' }
  const root = parseXml(text)
  if (!root) return { kind: 'malformed' }
  return { kind: 'read', root: body.length > LARGE_BYTES ? copyOf(root) : root }
}

/** From here on a few strings must not keep the whole document in memory, as pieces of a string do. */
const LARGE_BYTES = 16 * 1024

function copyOf(root: XmlElement): XmlElement {
  return JSON.parse(JSON.stringify(root)) as XmlElement
}

const DECLARED_ENCODING = /^\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']/
const DECLARATION_BYTES = 256

function decodeText(body: Uint8Array): string {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length)
  const encoding = encodingOf(bytes)
  if (encoding === undefined) return bytes.toString('utf8')
  try {
    return new TextDecoder(encoding).decode(bytes)
  } catch {
    // A declared encoding that nobody knows: the names in the document are ASCII all the same.
    return bytes.toString('latin1')
  }
}

/** A byte order mark decides, then the declaration; undefined for UTF-8. */
function encodingOf(bytes: Buffer): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  const declared = DECLARED_ENCODING.exec(bytes.toString('latin1', 0, DECLARATION_BYTES))?.[1]?.toLowerCase()
  // A declaration that can be read byte by byte is not in UTF-16, whatever it says.
  return declared?.startsWith('utf') ? undefined : declared
}
