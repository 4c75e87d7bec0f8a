/**
 * The list of error codes: every code that the source can give stands in the reference, and nothing else does.
 */
import ts from 'typescript'
import type { ProjectFile, Violations } from './project.ts'
import { parse } from './syntax.ts'

const CODE_TYPE = /(ErrorCode|ErrorName)$/

/** An error code and the file whose `…ErrorCode` or `…ErrorName` type declares it. */
export type DeclaredCode = { readonly code: string; readonly path: string }

/** Every member of the exported unions of string literals that list error codes. */
export function declaredErrorCodes(files: readonly ProjectFile[]): readonly DeclaredCode[] {
  return files.flatMap((file) =>
    parse(file)
      .statements.filter(ts.isTypeAliasDeclaration)
      .filter(({ name }) => CODE_TYPE.test(name.text))
      .flatMap(({ type }) => literalsOf(type))
      .map((code) => ({ code, path: file.path })),
  )
}

/** The codes of the reference: what stands in backquotes in the first cell of a table row. */
export function documentedErrorCodes(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^\|\s*`([A-Za-z0-9_]+)`\s*\|/gm)].flatMap(([, code]) => (code ? [code] : []))
}

/** Codes that only one of source and reference knows, and rows that stand twice. */
export function compareErrorCodes(
  declared: readonly DeclaredCode[],
  documented: readonly string[],
): Violations {
  const known = new Set(declared.map(({ code }) => code))
  return [
    ...declared
      .filter(({ code }) => !documented.includes(code))
      .map(({ code, path }) => `${path}: ${code} is not documented`),
    ...documented.filter((code) => !known.has(code)).map((code) => `reference: nothing gives ${code}`),
    ...documented
      .filter((code, index) => documented.indexOf(code) !== index)
      .map((code) => `reference: ${code} stands twice`),
  ]
}

function literalsOf(type: ts.TypeNode): string[] {
  if (ts.isUnionTypeNode(type)) return type.types.flatMap(literalsOf)
  return ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal) ? [type.literal.text] : []
}
