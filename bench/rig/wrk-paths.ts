/**
 * Has wrk ask for many paths in turn.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { scratchDirectory } from './scratch-directory.ts'

const SCRIPT = `
local paths, count, index = {}, 0, 0
function init(args)
  for line in io.lines(args[1]) do
    count = count + 1
    paths[count] = line
  end
end
function request()
  index = index % count + 1
  return wrk.format("GET", paths[index])
end
`

/** Files for wrk: its script, and the paths, which it asks for one after the other and then again. */
export function writePaths(paths: readonly string[]): readonly [script: string, paths: string] {
  const directory = scratchDirectory('paths')
  const files = [join(directory, 'send.lua'), join(directory, 'paths')] as const
  writeFileSync(files[0], SCRIPT)
  writeFileSync(files[1], paths.join('\n'))
  return files
}
