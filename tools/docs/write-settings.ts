/**
 * `npm run docs:settings`: writes the documents that repeat the settings table.
 */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { settingsDocuments } from './settings-documents.ts'

for (const [path, text] of Object.entries(settingsDocuments())) {
  writeFileSync(resolve(import.meta.dirname, '..', '..', path), text)
  console.log(`wrote ${path}`)
}
