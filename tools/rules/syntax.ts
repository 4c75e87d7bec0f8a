/**
 * What the rules ask of a TypeScript file's syntax: its imports, its exports and the nodes inside it.
 */
import { posix } from 'node:path'
import ts from 'typescript'
import type { ProjectFile } from './project.ts'

/** The parsed file. */
export function parse(file: ProjectFile): ts.SourceFile {
  const kind = file.path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS
  return ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true, kind)
}

/** Calls `visit` for every node of the file. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node)
  node.forEachChild((child) => walk(child, visit))
}

/** Every module that the file names: imports, re-exports, dynamic imports and import types, type-only ones included. */
export function importsOf(file: ProjectFile): readonly string[] {
  const found: string[] = []
  walk(parse(file), (node) => {
    const specifier = specifierOf(node)
    if (specifier && ts.isStringLiteralLike(specifier)) found.push(specifier.text)
  })
  return found
}

/** Path from the root of the project that a relative import of `file` points to. */
export function resolveImport(file: ProjectFile, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(file.path), specifier))
}

/** A statement that exports something of its own, with the names it exports. */
export type ExportedStatement = { readonly statement: ts.Statement; readonly names: readonly string[] }

/** The file's own exports; re-exports of other files are not among them. */
export function exportsOf(source: ts.SourceFile): readonly ExportedStatement[] {
  return source.statements.flatMap((statement) => {
    const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined
    const isExported = modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false
    return isExported ? [{ statement, names: declaredNames(statement) }] : []
  })
}

/** 1-based line on which `node` begins. */
export function lineOf(source: ts.SourceFile, node: ts.Node): number {
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1
}

function specifierOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return node.argument.literal
  const isDynamic = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
  return isDynamic ? node.arguments[0] : undefined
}

function declaredNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name.getText())
  }
  const isNamed =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement)
  return isNamed && statement.name ? [statement.name.text] : []
}
