/**
 * Splits the arguments off the names that a publisher sends, such as `key?priority=1`.
 */

/** Arguments by name; of a repeated name the last. */
export type QueryArguments = ReadonlyMap<string, string>

const MAX_ARGUMENTS = 32

/** A name and what stood behind its first question mark. */
export function splitQuery(text: string): { readonly name: string; readonly args: QueryArguments } {
  const mark = text.indexOf('?')
  if (mark === -1) return { name: text, args: new Map() }
  const args = new Map<string, string>()
  for (const [key, value] of new URLSearchParams(text.slice(mark + 1))) {
    if (args.size >= MAX_ARGUMENTS) break
    args.set(key, value)
  }
  return { name: text.slice(0, mark), args }
}
