/**
 * The table of what members of playback configurations do: every member that is taken stands in it, and no other.
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { playbackConfigurationMembers } from '../../../src/api/mediatailor/playback-configuration-members.ts'

type Shape = { readonly properties?: Readonly<Record<string, Shape>> }

/** Paths of the members that have none of their own. */
function pathsIn(members: Readonly<Record<string, Shape>>, prefix = ''): readonly string[] {
  return Object.entries(members).flatMap(([name, { properties }]) =>
    properties ? pathsIn(properties, `${prefix}${name}.`) : [`${prefix}${name}`],
  )
}

test('every member of PutPlaybackConfiguration stands in the table of what it does', () => {
  const markdown = readFileSync('docs/reference/parity.md', 'utf8')
  const [, table = ''] = /\n### Members of playback configurations\n([^]*?)\n###? /.exec(markdown) ?? []
  const rows = table.split('\n').filter((line) => line.startsWith('| `'))
  const told = rows.flatMap((row) =>
    [...(row.split(' | ')[0] ?? '').matchAll(/`([\w.]+)`/g)].map(([, name]) => name),
  )
  expect(told.toSorted()).toEqual(pathsIn(playbackConfigurationMembers).toSorted())
})
