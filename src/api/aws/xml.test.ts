import { expect, test } from 'vitest'
import { printXml } from './xml.ts'

test('prints members as elements, items as members, times as ISO 8601, and leaves out what is absent', () => {
  const value = { List: [{ A: 1 }, { A: 2.5 }], None: [], At: new Date(0), Absent: undefined, Yes: true }
  expect(printXml('Answer', value, 'http://example.com/')).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
      '<Answer xmlns="http://example.com/"><List><member><A>1</A></member><member><A>2.5</A></member></List>' +
      '<None></None><At>1970-01-01T00:00:00.000Z</At><Yes>true</Yes></Answer>\n',
  )
})

test('text cannot become markup, nor what XML has no place for', () => {
  expect(printXml('A', { B: '<&">\u0000\u001b\ud800' }, 'x')).toContain('<B>&#60;&#38;&#34;&#62;\ufffd</B>')
})
