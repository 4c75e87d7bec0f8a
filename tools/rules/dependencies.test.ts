import { expect, test } from 'vitest'
import { compareDependencies, explainedPackages } from './dependencies.ts'
import { readProjectFile } from './project.ts'

type Package = { dependencies: Record<string, string>; devDependencies: Record<string, string> }

test('ARCHITECTURE.md gives a reason for every package, and for no other', () => {
  const { dependencies, devDependencies } = JSON.parse(readProjectFile('package.json')) as Package
  const installed = Object.keys({ ...dependencies, ...devDependencies })
  expect(compareDependencies(installed, explainedPackages(readProjectFile('ARCHITECTURE.md')))).toEqual([])
})

test('every package is held at one exact version', () => {
  const { dependencies, devDependencies } = JSON.parse(readProjectFile('package.json')) as Package
  const versions = Object.entries({ ...dependencies, ...devDependencies })
  expect(versions.filter(([, version]) => !/^[0-9]+\.[0-9]+\.[0-9]+$/.test(version))).toEqual([])
})

test('finds a package without reason and a reason without package', () => {
  const text =
    '# A\n\n| `not-here` | x |\n\n## Dependencies\n\n| Package | Why |\n| --- | --- |\n| `a`, `b` | x |\n\n## End\n\n| `c` | x |\n'
  expect(explainedPackages(text)).toEqual(['a', 'b'])
  expect(compareDependencies(['a', 'd'], explainedPackages(text))).toEqual([
    'd: no row says why it is here',
    'b: not in package.json',
  ])
})
