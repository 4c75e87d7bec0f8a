import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { XMLParser } from 'fast-xml-parser'
import { expect, test } from 'vitest'
import { MAX_AD_RESPONSE_BYTES, readXml } from './xml-reader.ts'
import type { XmlElement } from './xml-element.ts'

/** The longest that any document may take here; a quadratic reader takes minutes for what is tried. */
const LIMIT_MS = 2000

function rootOf(text: string): XmlElement | string {
  const reading = readXml(Buffer.from(text))
  return reading.kind === 'read' ? reading.root : reading.kind
}

test('reads names without prefixes, attributes, and children in order', () => {
  expect(
    rootOf(
      '<a:one xmlns:a="urn:x" a:k="0" k="1" l=\' 2 \'><two/><!-- no --><a:three>t</a:three><two x=""></two></a:one>',
    ),
  ).toEqual({
    name: 'one',
    attributes: { k: '1', l: '2' },
    children: [
      { name: 'two', attributes: {}, children: [], text: '' },
      { name: 'three', attributes: {}, children: [], text: 't' },
      { name: 'two', attributes: { x: '' }, children: [], text: '' },
    ],
    text: '',
  })
})

test.each([
  ['<a> x </a>', 'x'],
  ['<a><![CDATA[ x ]]></a>', 'x'],
  ['<a>\n  <![CDATA[http://a/?b=1&c=2]]>\n</a>', 'http://a/?b=1&c=2'],
  ['<a><![CDATA[&amp;]]></a>', '&amp;'],
  ['<a><![CDATA[<b>]]]]><![CDATA[></b>]]></a>', '<b>]]></b>'],
  ['<a>1 &lt; 2 &amp;&amp; &quot;3&quot; &gt; &apos;2&apos;</a>', `1 < 2 && "3" > '2'`],
  ['<a>&#65;&#x42;&#x1F600;</a>', 'AB😀'],
  ['<a>&amp;amp;</a>', '&amp;'],
])('reads the text of %s as %s', (document, text) => {
  expect(rootOf(document)).toMatchObject({ text })
})

test('resolves references in attributes', () => {
  expect(rootOf('<a b="x&amp;y&#33;" c=\'"\'/>')).toMatchObject({ attributes: { b: 'x&y!', c: '"' } })
})

test.each([
  ['after blank lines', '\n \n<?xml version="1.0"?><a/>'],
  ['with a byte order mark', '\ufeff<?xml version="1.0"?><a/>'],
  ['with comments around', '<!-- x --><a/><!-- y -->'],
  ['with an instruction for others', '<?xml-stylesheet href="x"?><a/>'],
])('reads a document %s', (_, document) => {
  expect(rootOf(document)).toMatchObject({ name: 'a' })
})

test.each([
  ['UTF-8', Buffer.from('<a>ü€</a>'), 'ü€'],
  ['declared Latin-1', Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>ü</a>', 'latin1'), 'ü'],
  ['UTF-16 with a mark', Buffer.from('\ufeff<a>ü€</a>', 'utf16le'), 'ü€'],
  ['an encoding that nobody knows', Buffer.from('<?xml version="1.0" encoding="x-odd"?><a>b</a>'), 'b'],
  ['a wrong claim of UTF-16', Buffer.from('<?xml version="1.0" encoding="utf-16"?><a>ü</a>'), 'ü'],
])('reads %s', (_, body, text) => {
  expect(readXml(body)).toMatchObject({ kind: 'read', root: { text } })
})

test.each([
  '<a>',
  '<a></b>',
  '<a><b></a></b>',
  '<a/><b/>',
  'x<a/>',
  '<a/>x',
  '<a b></a>',
  '<a b=1/>',
  '<a b="1" b="2"/>',
  '<a b="1/>',
  '<a>&</a>',
  '<a>x & y</a>',
  '<a>&#0;</a>',
  '<a>&#xD800;</a>',
  '<a>&#x110000;</a>',
  '<a>\u0001</a>',
  '<a b="&"/>',
  '<a b="<"/>',
  '<a><!DOCTYPE a></a>',
  '<!DOCTYPE a><a/>',
  '<![CDATA[x]]><a/>',
  '<a><!-- </a>',
  '<a><![CDATA[ </a>',
  '< a/>',
  '<1/>',
  '</a>',
  '<',
  '<a',
  '<?xml version="1.0"?>',
])('refuses %s', (document) => {
  expect(rootOf(document)).toBe('malformed')
})

test('leaves references that only a declaration could explain', () => {
  expect(rootOf('<a b="&copy;">&nbsp;x&l9;</a>')).toMatchObject({
    text: '&nbsp;x&l9;',
    attributes: { b: '&copy;' },
  })
})

test('expands no declared entity, so that none can laugh a billion times', () => {
  const levels = Array.from({ length: 9 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`)
  const bomb = `<!DOCTYPE VAST [<!ENTITY l0 "ha">${levels.join('')}]><VAST><Error>&l9;</Error></VAST>`
  const reading = readXml(Buffer.from(bomb))
  expect(reading).toEqual({ kind: 'malformed' })
})

test('reads no file that a document names', () => {
  const reading = readXml(
    Buffer.from('<!DOCTYPE VAST [<!ENTITY x SYSTEM "file:///etc/hostname">]><VAST><Error>&x;</Error></VAST>'),
  )
  expect(reading).toEqual({ kind: 'malformed' })
})

test('refuses what is larger than the limit before it looks at it', () => {
  const body = Buffer.alloc(MAX_AD_RESPONSE_BYTES + 1, '<')
  expect(readXml(body)).toEqual({ kind: 'too-large' })
  expect(readXml(body.subarray(1))).toEqual({ kind: 'malformed' })
})

test('refuses what is nested too deep', () => {
  const nested = (depth: number): string => `${'<a>'.repeat(depth)}${'</a>'.repeat(depth)}`
  expect(rootOf(nested(30))).toMatchObject({ name: 'a' })
  expect(rootOf(nested(100))).toBe('malformed')
  expect(rootOf(nested(100_000))).toBe('malformed')
})

/** What another reader makes of a document, in the same form. */
function peerReading(document: string): unknown {
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    removeNSPrefix: true,
    ignoreDeclaration: true,
    ignorePiTags: true,
    parseTagValue: false,
    trimValues: false,
    // With them come character references.
    htmlEntities: true,
  })
  return peerElements(parser.parse(document) as readonly PeerNode[])[0]
}

type PeerNode = { readonly '#text'?: string; readonly ':@'?: object; readonly [name: string]: unknown }

function peerElements(nodes: readonly PeerNode[]): unknown[] {
  return nodes.flatMap((node) => {
    const name = Object.keys(node).find((key) => key !== ':@' && key !== '#text')
    if (name === undefined) return []
    const content = node[name] as readonly PeerNode[]
    const text = content.map((child) => child['#text'] ?? '').join('')
    return [{ name, attributes: node[':@'] ?? {}, children: peerElements(content), text: text.trim() }]
  })
}

test.each(['everything.xml', 'pod.xml'])('reads %s as another reader does', (name) => {
  const document = readFileSync(new URL(`golden/${name}`, import.meta.url), 'utf8')
    .trim()
    // The other one keeps declarations of namespaces among the attributes.
    .replace(/ xmlns(:\w+)?="[^"]*"/g, '')
  expect(rootOf(document)).toEqual(withTrimmedAttributes(peerReading(document)))
})

const names = fc.constantFrom('a', 'VAST', 'x:Ad', '_b-1.c', 'é')
const values = fc.stringMatching(/^[ -~é\n]{0,12}$/)
const escape = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0) ?? 0};`)
const documents = fc.letrec<{ element: string; content: string }>((tie) => ({
  content: fc.oneof(
    { maxDepth: 4 },
    values.map(escape),
    values.filter((text) => !text.includes(']]>')).map((text) => `<![CDATA[${text}]]>`),
    values.filter((text) => !text.includes('-')).map((text) => `<!--${text}-->`),
    tie('element'),
  ),
  element: fc
    .tuple(
      names,
      fc.uniqueArray(fc.constantFrom('b', 'c', 'd')),
      values,
      fc.array(tie('content'), { maxLength: 4 }),
    )
    .map(([name, keys, value, content]) => {
      const attributes = keys.map((key) => ` ${key}="${escape(value)}"`).join('')
      return `<${name}${attributes}>${content.join('')}</${name}>`
    }),
})).element

test('reads any well-formed document as another reader does', () => {
  fc.assert(
    fc.property(documents, (document) => {
      expect(withTrimmedAttributes(rootOf(document))).toEqual(withTrimmedAttributes(peerReading(document)))
    }),
    { numRuns: 500 },
  )
})

function withTrimmedAttributes(root: unknown): unknown {
  return JSON.parse(JSON.stringify(root), (_, value: unknown) =>
    typeof value === 'string' ? value.trim() : value,
  )
}

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
  'is not led astray by the name %s',
  (name) => {
    rootOf(`<a ${name}="1"><${name}/></a>`)
    expect(rootOf('<a/>')).toEqual({ name: 'a', attributes: {}, children: [], text: '' })
    expect({}).not.toHaveProperty('polluted')
  },
)

const LONG_STRETCHES = [
  ['<', ''],
  ['<a>', ''],
  ['</a>', ''],
  ['<a b="', ''],
  ['<!--', ''],
  ['<![CDATA[', ''],
  ['<!DOCTYPE', ''],
  ['<?', ''],
  ['&amp;', '</r>'],
  ['&', '</r>'],
  ['<a/>', '</r>'],
  [' a="1"', '/></r>'],
  ['\r\n\t ', '</r>'],
  ["'", '</r>'],
  [']]>', '</r>'],
  ['<!-- -->', '</r>'],
] as const
test.each(LONG_STRETCHES)('is done soon with a megabyte of %j', (stretch, end) => {
  const head = stretch.startsWith(' a=') ? '<r><a' : '<r>'
  const times = Math.floor((MAX_AD_RESPONSE_BYTES - 20) / stretch.length)
  const begunMs = performance.now()
  readXml(Buffer.from(`${head}${stretch.repeat(times)}${end}`))
  expect(performance.now() - begunMs).toBeLessThan(LIMIT_MS)
})
