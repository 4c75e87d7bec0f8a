/**
 * Parses well-formed XML into elements, in one pass and in time that grows with the length of the text alone.
 *
 * Our own, for every ad decision waits for it within the lead of a break: general readers take several times as long, and
 * let documents pass that are not well-formed.
 *
 * Declarations of a document type are refused: no ad server needs one, and entities are all that they could bring. Character
 * references and the five predefined entities are resolved; names that only a declaration could explain stay as text.
 * Attributes with a namespace prefix are left out, for VAST and VMAP have none.
 *
 * Spec: XML 1.0 §2.4 to §2.8 (text, comments, CDATA, prolog), §3.1 (tags), §4.1 (references).
 */
import type { XmlElement } from './xml-element.ts'

/** VMAP around VAST reaches 12; the rest is for extensions. */
const MAX_DEPTH = 40

/** The root element; undefined when the text is not well-formed, has a document type, or nests too deep. */
export function parseXml(text: string): XmlElement | undefined {
  return FORBIDDEN_CHARACTER.test(text) ? undefined : new XmlParser(text).parse()
}

type GrowingElement = Omit<XmlElement, 'children' | 'text'> & {
  readonly children: GrowingElement[]
  text: string
}
type OpenElement = { readonly qualifiedName: string; readonly element: GrowingElement }

/** What no XML document holds (§2.2). */
const FORBIDDEN_CHARACTER = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/

const NAME = '[A-Za-z_:\\u0080-\\uffff][\\w:.\\-\\u0080-\\uffff]*'
const START_NAME = new RegExp(NAME, 'y')
const ATTRIBUTE = new RegExp(`\\s+(${NAME})\\s*=\\s*(?:"([^"<]*)"|'([^'<]*)')`, 'y')
const START_END = /\s*(\/?)>/y
const END_TAG = new RegExp(`(${NAME})\\s*>`, 'y')
const BLANK = /^\s*$/

const CDATA_HEAD = '<![CDATA['

/** A cursor over one document. */
class XmlParser {
  readonly #text: string
  readonly #open: OpenElement[] = []
  #root: GrowingElement | undefined
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  parse(): XmlElement | undefined {
    while (this.#at < this.#text.length) {
      if (!this.#readText() || !this.#readMarkup()) return undefined
    }
    return this.#open.length === 0 ? this.#root : undefined
  }

  /** Text up to the next markup; outside of the root there is none but white space. */
  #readText(): boolean {
    const next = this.#text.indexOf('<', this.#at)
    const end = next === -1 ? this.#text.length : next
    if (end > this.#at) {
      const raw = this.#text.slice(this.#at, end)
      const resolved = resolveReferences(raw)
      const element = this.#open.at(-1)?.element
      if (resolved === undefined || (!element && !BLANK.test(raw))) return false
      if (element) element.text += resolved
      this.#at = end
    }
    return true
  }

  #readMarkup(): boolean {
    if (this.#at >= this.#text.length) return true
    const kind = this.#text.charAt(this.#at + 1)
    if (kind === '/') return this.#readEndTag()
    if (kind === '?') return this.#skipPast('?>', 2)
    if (kind !== '!') return this.#readStartTag()
    return this.#text.startsWith('<!--', this.#at) ? this.#skipPast('-->', 4) : this.#readCdata()
  }

  #skipPast(tail: string, headChars: number): boolean {
    const end = this.#text.indexOf(tail, this.#at + headChars)
    this.#at = end + tail.length
    return end !== -1
  }

  #readCdata(): boolean {
    const element = this.#open.at(-1)?.element
    if (!element || !this.#text.startsWith(CDATA_HEAD, this.#at)) return false
    const begin = this.#at + CDATA_HEAD.length
    if (!this.#skipPast(']]>', CDATA_HEAD.length)) return false
    element.text += this.#text.slice(begin, this.#at - 3)
    return true
  }

  #readEndTag(): boolean {
    const match = this.#match(END_TAG, this.#at + 2)
    const open = this.#open.pop()
    if (!match || !open || open.qualifiedName !== match[1]) return false
    open.element.text = open.element.text.trim()
    return true
  }

  #readStartTag(): boolean {
    const qualifiedName = this.#match(START_NAME, this.#at + 1)?.[0]
    const attributes = qualifiedName === undefined ? undefined : this.#readAttributes()
    const end = attributes && this.#match(START_END, this.#at)
    if (qualifiedName === undefined || !attributes || !end) return false
    const element = { name: localName(qualifiedName), attributes, children: [], text: '' }
    if (!this.#place(element)) return false
    if (end[1] === '') this.#open.push({ qualifiedName, element })
    return this.#open.length <= MAX_DEPTH
  }

  #place(element: GrowingElement): boolean {
    const parent = this.#open.at(-1)?.element
    if (parent) parent.children.push(element)
    else if (this.#root) return false
    else this.#root = element
    return true
  }

  #readAttributes(): Readonly<Record<string, string>> | undefined {
    const attributes: Record<string, string> = {}
    for (let match = this.#match(ATTRIBUTE, this.#at); match; match = this.#match(ATTRIBUTE, this.#at)) {
      const [, name = '', double, single = ''] = match
      if (name.includes(':')) continue
      const value = resolveReferences(double ?? single)
      if (value === undefined || Object.hasOwn(attributes, name)) return undefined
      attributes[name] = value.trim()
    }
    return attributes
  }

  #match(pattern: RegExp, at: number): RegExpExecArray | null {
    pattern.lastIndex = at
    const match = pattern.exec(this.#text)
    if (match) this.#at = pattern.lastIndex
    return match
  }
}

function localName(qualifiedName: string): string {
  return qualifiedName.slice(qualifiedName.lastIndexOf(':') + 1)
}

const REFERENCE = /&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|([a-z][\w.-]{0,40}));|&/gi
const PREDEFINED: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
])

/** Undefined when an ampersand stands alone, or a number names no character. */
function resolveReferences(text: string): string | undefined {
  if (!text.includes('&')) return text
  let faultCount = 0
  const resolved = text.replace(REFERENCE, (whole: string, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return PREDEFINED.get(name) ?? whole
    const codePoint = hex === undefined ? Number.parseInt(decimal ?? '', 10) : Number.parseInt(hex, 16)
    if (isCharacter(codePoint)) return String.fromCodePoint(codePoint)
    faultCount++
    return whole
  })
  return faultCount === 0 ? resolved : undefined
}

/** XML 1.0 §2.2: no control characters, no halves of pairs. */
function isCharacter(codePoint: number): boolean {
  if (codePoint < 0x20) return codePoint === 0x9 || codePoint === 0xa || codePoint === 0xd
  return codePoint < 0xd800 || (codePoint > 0xdfff && codePoint <= 0x10ffff)
}
