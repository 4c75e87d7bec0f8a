/**
 * Prints answers of the AWS Query protocol: members become elements, items of a list elements called `member`.
 */

/** The document with the root element `name`. */
export function printXml(name: string, value: object, namespace: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${name} xmlns="${escape(namespace)}">${content(value)}</${name}>\n`
}

function element(name: string, value: unknown): string {
  return value === undefined ? '' : `<${name}>${content(value)}</${name}>`
}

function content(value: unknown): string {
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map((item) => element('member', item)).join('')
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([name, member]) => element(name, member))
      .join('')
  }
  return escape(String(value))
}

// What XML 1.0 has no place for is left out.
function escape(text: string): string {
  const printable = text.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
  return printable.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
