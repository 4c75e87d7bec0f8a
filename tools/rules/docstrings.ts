/**
 * Every file of the server says in its header what it is, and every exported name says what its signature cannot.
 */
import ts from 'typescript'
import { isTest, type ProjectFile, type Violations } from './project.ts'
import { exportsOf, lineOf, parse } from './syntax.ts'

const FEWEST_WORDS = 2

/** Files without header and exports without docstring. */
export function findMissingDocstrings(files: readonly ProjectFile[]): Violations {
  return files
    .filter((file) => !isTest(file))
    .flatMap((file) => {
      const source = parse(file)
      const missing = exportsOf(source)
        .filter(({ statement }) => !hasDocstring(source, statement))
        .map(
          ({ statement, names }) =>
            `${file.path}:${lineOf(source, statement)}: no docstring on ${names.join(', ')}`,
        )
      return hasHeader(source) ? missing : [`${file.path}: no module header`, ...missing]
    })
}

function hasHeader(source: ts.SourceFile): boolean {
  const [first] = docComments(source, source.statements[0])
  return first !== undefined && source.text.slice(0, first.pos).trim() === ''
}

function hasDocstring(source: ts.SourceFile, statement: ts.Statement): boolean {
  const comments = docComments(source, statement)
  const own = statement === source.statements[0] ? comments.slice(1) : comments
  const nearest = own.at(-1)
  return nearest !== undefined && isSentence(source.text.slice(nearest.pos, nearest.end))
}

/** The `/**` comments before a statement. */
function docComments(source: ts.SourceFile, statement: ts.Statement | undefined): readonly ts.CommentRange[] {
  const position = statement?.getFullStart() ?? 0
  const comments = ts.getLeadingCommentRanges(source.text, position) ?? []
  return comments.filter(({ pos }) => source.text.startsWith('/**', pos))
}

function isSentence(comment: string): boolean {
  const text = comment.replace(/^\/\*\*|\*\/$/g, '').replace(/^\s*\*/gm, ' ')
  return text.split(/\s+/).filter((word) => /\w/.test(word)).length >= FEWEST_WORDS
}
