import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { readConfig } from '../../src/app/config/read-config.ts'
import { settingEntries } from '../../src/app/config/settings.ts'
import { settingsDocuments } from '../docs/settings-documents.ts'
import { readProjectFile } from './project.ts'

test.each(Object.entries(settingsDocuments()))('%s repeats the settings table', (path, text) => {
  expect(readProjectFile(path)).toBe(text)
})

test('a server started with the example config file has every default', () => {
  const path = resolve(import.meta.dirname, '..', '..', 'config.example.yaml')
  const given = readConfig({ flags: { config: path }, environment: {} })
  const defaults = readConfig({ flags: {}, environment: {} })
  expect({ ...given, dataDir: resolve(given.dataDir) }).toEqual({
    ...defaults,
    dataDir: resolve(defaults.dataDir),
  })
})

test.each(settingEntries())('%s is documented in one sentence', (_key, { doc }) => {
  expect(doc).toMatch(/^[A-Z][^.]*\.$/)
})
