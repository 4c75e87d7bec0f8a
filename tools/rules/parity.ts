/**
 * The parity table: every operation, member and error of the contract stands in it, and nothing that is not there.
 */
import type { Violations } from './project.ts'

/** The names of one operation. */
export type OperationNames = {
  readonly request: readonly string[]
  readonly answer: readonly string[]
  readonly errors: readonly string[]
}

/** The names of a contract. */
export type ContractNames = {
  readonly operations: Readonly<Record<string, OperationNames>>
  /** Members by structure, requests and answers of operations left out. */
  readonly objects: Readonly<Record<string, readonly string[]>>
}

const VERDICT = /^(same|inferred|differs)( \/ (same|inferred|differs))*$/

/** What the two tables of names say; errors that are never raised count like the others. */
export function documentedNames(markdown: string): ContractNames {
  const operations = tableUnder(markdown, 'Members of requests and answers, errors').map((row) => {
    const [name = '', request = '', answer = '', raised = '', never = ''] = row
    const errors = [...names(raised), ...names(never)]
    return [nameIn(name), { request: names(request), answer: names(answer), errors }] as const
  })
  const objects = tableUnder(markdown, 'Members of objects').map(
    ([name = '', members = '']) => [nameIn(name), names(members)] as const,
  )
  return { operations: Object.fromEntries(operations), objects: Object.fromEntries(objects) }
}

/** Errors that the table says are raised, by operation. */
export function raisedErrors(markdown: string): Readonly<Record<string, readonly string[]>> {
  const rows = tableUnder(markdown, 'Members of requests and answers, errors')
  return Object.fromEntries(rows.map(([name = '', , , raised = '']) => [nameIn(name), names(raised)]))
}

/** Names that only one of contract and table knows. */
export function compareNames(contract: ContractNames, documented: ContractNames): Violations {
  return [
    ...compareKeys('operation', contract.operations, documented.operations),
    ...compareKeys('object', contract.objects, documented.objects),
    ...Object.entries(contract.operations).flatMap(([name, known]) => {
      const told = documented.operations[name] ?? known
      return (['request', 'answer', 'errors'] as const).flatMap((part) =>
        compareLists(`${name} ${part}`, known[part], told[part]),
      )
    }),
    ...Object.entries(contract.objects).flatMap(([name, members]) =>
      compareLists(name, members, documented.objects[name] ?? members),
    ),
  ]
}

/** Verdicts that are none, and tests that are not there, in all tables that have such a column. */
export function checkVerdicts(markdown: string, paths: ReadonlySet<string>): Violations {
  return tablesOf(markdown).flatMap(({ head, rows }) => {
    const verdictAt = head.indexOf('verdict')
    const testAt = head.indexOf('test')
    return rows.flatMap((row) => {
      const first = row[0] ?? ''
      const verdict = row[verdictAt] ?? ''
      const tests = testAt < 0 ? [] : names(row[testAt] ?? '')
      return [
        ...(verdictAt >= 0 && !VERDICT.test(verdict) ? [`${first}: "${verdict}" is no verdict`] : []),
        ...(verdict.includes('differs') && (row[verdictAt + 1] ?? '') === ''
          ? [`${first}: differs how?`]
          : []),
        ...tests
          .filter((test) => !paths.has(`test/conformance/${test}`))
          .map((test) => `${first}: there is no test/conformance/${test}`),
      ]
    })
  })
}

type Table = { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] }

function tableUnder(markdown: string, title: string): Table['rows'] {
  const section = markdown.split(/^#+ /m).find((text) => text.startsWith(`${title}\n`)) ?? ''
  return tablesOf(section)[0]?.rows ?? []
}

function tablesOf(markdown: string): readonly Table[] {
  const blocks = markdown.match(/(^\|.*\|$\n?)+/gm) ?? []
  return blocks.map((block) => {
    const [head = [], , ...rows] = block.trim().split('\n').map(cellsOf)
    return { head, rows }
  })
}

function cellsOf(line: string): readonly string[] {
  return line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim())
}

function names(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)
}

// The first cell may be bare or a link.
function nameIn(cell: string): string {
  return /[A-Za-z0-9]+/.exec(cell)?.[0] ?? ''
}

function compareKeys(what: string, known: object, told: object): Violations {
  return compareLists(`the table's ${what}s`, Object.keys(known), Object.keys(told))
}

function compareLists(where: string, known: readonly string[], told: readonly string[]): Violations {
  return [
    ...known.filter((name) => !told.includes(name)).map((name) => `${where}: ${name} is missing`),
    ...told.filter((name) => !known.includes(name)).map((name) => `${where}: ${name} is not in the contract`),
    ...told.filter((name, at) => told.indexOf(name) !== at).map((name) => `${where}: ${name} stands twice`),
  ]
}
