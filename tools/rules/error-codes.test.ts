import { expect, test } from 'vitest'
import { compareErrorCodes, declaredErrorCodes, documentedErrorCodes } from './error-codes.ts'
import { readProjectFile, readSources, sample } from './project.ts'

test('every error code is documented in docs/reference/errors.md and none is invented there', () => {
  const declared = declaredErrorCodes(readSources())
  expect(declared.length).toBeGreaterThan(10)
  const documented = documentedErrorCodes(readProjectFile('docs/reference/errors.md'))
  expect(compareErrorCodes(declared, documented)).toEqual([])
})

const SOURCE =
  "/** x */\nexport type IngestErrorCode =\n  | 'KEY_UNKNOWN'\n  | 'CODEC_UNSUPPORTED'\nexport type Other = 'NO_CODE'\n"

test('reads the codes of a union, and of no other type', () => {
  expect(declaredErrorCodes(sample({ 'src/ingest/a.ts': SOURCE }))).toEqual([
    { code: 'KEY_UNKNOWN', path: 'src/ingest/a.ts' },
    { code: 'CODEC_UNSUPPORTED', path: 'src/ingest/a.ts' },
  ])
})

test('reads the first cell of table rows', () => {
  const markdown =
    '# Errors\n\nA `WORD` in text.\n\n| Code | Meaning |\n| --- | --- |\n| `KEY_UNKNOWN` | see `OTHER` |\n'
  expect(documentedErrorCodes(markdown)).toEqual(['KEY_UNKNOWN'])
})

test('finds what is missing, invented and doubled', () => {
  const declared = declaredErrorCodes(sample({ 'src/ingest/a.ts': SOURCE }))
  expect(compareErrorCodes(declared, ['KEY_UNKNOWN', 'KEY_UNKNOWN', 'GONE'])).toEqual([
    'src/ingest/a.ts: CODEC_UNSUPPORTED is not documented',
    'reference: nothing gives GONE',
    'reference: KEY_UNKNOWN stands twice',
  ])
})
