/**
 * The members of a request that mean something, and nothing else of it.
 */

/** Takes those of `names` that `from` has; unknown members stay behind, and absent ones stay absent. */
export function pickMembers<From extends object, Name extends keyof From>(
  from: From,
  names: readonly Name[],
): Pick<From, Name> {
  const present = names.filter((name) => Object.hasOwn(from, name))
  return Object.fromEntries(present.map((name) => [name, from[name]])) as Pick<From, Name>
}
