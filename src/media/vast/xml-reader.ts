/**
 * Reads the bytes of an ad response as XML, bounded in size and depth.
 *
 * Entities that a document declares are never expanded: their references stay as text. Only the five predefined ones and
 * character references are resolved, and those make a text shorter.
 *
 * Spec: XML 1.0 §2.8 (prolog), §4.1 (references), §4.3.3 (encodings).
 */
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import type { XmlElement } from './xml-element.ts'

/** Largest ad response that is read, in bytes. */
export const MAX_AD_RESPONSE_BYTES: number = 1024 * 1024
/** VMAP around VAST reaches 12; the rest is for extensions. */
const MAX_DEPTH = 40

/** The root element, or why there is none. */
export type XmlReading =
  | { readonly kind: 'read'; readonly root: XmlElement }
  | { readonly kind: 'empty' }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'malformed' }

/** Reads a whole document; never throws. */
export function readXml(body: Uint8Array): XmlReading {
  if (body.length > MAX_AD_RESPONSE_BYTES) return { kind: 'too-large' }
  // Some servers send blank lines before the declaration, where XML allows nothing.
  const text = decodeText(body).trim()
  if (text === '') return { kind: 'empty' }
  try {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the parser alone forgives what is not XML
    if (XMLValidator.validate(text) !== true) return { kind: 'malformed' }
    const root = elementsOf(PARSER.parse(text) as readonly ParsedNode[])[0]
    return root ? { kind: 'read', root } : { kind: 'malformed' }
  } catch {
    // The parser refuses by throwing, with messages that repeat parts of the document.
    return { kind: 'malformed' }
  }
}

const PARSER = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  removeNSPrefix: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  parseTagValue: false,
  parseAttributeValue: false,
  maxNestedTags: MAX_DEPTH,
  jPath: false,
  processEntities: true,
  entityDecoder: {
    setExternalEntities: () => undefined,
    addInputEntities: () => undefined,
    setXmlVersion: () => undefined,
    reset: () => undefined,
    decode: resolveReferences,
  },
})

/** As the parser gives it: one member with the element's name and its content, and `:@` with its attributes. */
type ParsedNode = {
  readonly '#text'?: string
  readonly ':@'?: Readonly<Record<string, string>>
  readonly [name: string]: unknown
}

const NO_ATTRIBUTES: Readonly<Record<string, string>> = {}

function elementsOf(nodes: readonly ParsedNode[]): XmlElement[] {
  const elements: XmlElement[] = []
  for (const node of nodes) {
    for (const name in node) {
      if (name !== '#text' && name !== ':@') elements.push(elementOf(name, node))
    }
  }
  return elements
}

function elementOf(name: string, node: ParsedNode): XmlElement {
  const content = node[name] as readonly ParsedNode[]
  return {
    name,
    attributes: node[':@'] ?? NO_ATTRIBUTES,
    children: elementsOf(content),
    text: textOf(content),
  }
}

function textOf(content: readonly ParsedNode[]): string {
  let text = ''
  for (const node of content) text += node['#text'] ?? ''
  return text.trim()
}

const REFERENCE = /&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|(amp|lt|gt|quot|apos));/gi
const PREDEFINED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const LAST_CODE_POINT = 0x10ffff

function resolveReferences(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(REFERENCE, (whole: string, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return PREDEFINED[name] ?? whole
    const codePoint = hex === undefined ? Number.parseInt(decimal ?? '', 10) : Number.parseInt(hex, 16)
    return codePoint <= LAST_CODE_POINT ? String.fromCodePoint(codePoint) : whole
  })
}

const DECLARED_ENCODING = /^\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']/
const DECLARATION_BYTES = 256

function decodeText(body: Uint8Array): string {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length)
  try {
    return new TextDecoder(encodingOf(bytes)).decode(bytes)
  } catch {
    // A declared encoding that nobody knows: the names in the document are ASCII all the same.
    return bytes.toString('latin1')
  }
}

/** A byte order mark decides, then the declaration, then it is UTF-8. */
function encodingOf(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  const declared = DECLARED_ENCODING.exec(bytes.toString('latin1', 0, DECLARATION_BYTES))?.[1]?.toLowerCase()
  // A declaration that can be read byte by byte is not in UTF-16, whatever it says.
  return declared === undefined || declared.startsWith('utf') ? 'utf-8' : declared
}
