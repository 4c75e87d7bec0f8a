/**
 * Bundles the test pages' scripts, once in a process and only in memory.
 */
import { join } from 'node:path'
import { build } from 'esbuild'

const PAGES_DIRECTORY = join(import.meta.dirname, '..', 'browser', 'pages')
const bundles = new Map<string, Promise<string>>()

/** The script of page `name` and everything it imports, as one ES module. */
export function pageScript(name: string): Promise<string> {
  const known = bundles.get(name)
  if (known) return known
  const bundle = bundlePage(name)
  bundles.set(name, bundle)
  return bundle
}

async function bundlePage(name: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(PAGES_DIRECTORY, `${name}.ts`)],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    // The IVS player's package is CommonJS and asks for Node's `events`; the npm package of that name is the same.
    alias: { events: join(import.meta.dirname, '..', '..', 'node_modules', 'events', 'events.js') },
    // It looks for `util` in a try block and works without.
    external: ['util'],
    logLevel: 'error',
  })
  const [script] = outputFiles
  if (!script) throw new Error(`esbuild gave no script for ${name}`)
  return script.text
}
