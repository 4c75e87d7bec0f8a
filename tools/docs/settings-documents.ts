/**
 * Prints the two documents that repeat the settings table: the example config file and the reference.
 */
import {
  defaultText,
  environmentName,
  flagName,
  isFileOnly,
  rangeText,
  type Setting,
} from '../../src/app/config/setting.ts'
import { settingEntries } from '../../src/app/config/settings.ts'

/** Paths of the documents from the root of the project, each with the text that it must have. */
export function settingsDocuments(): Readonly<Record<string, string>> {
  return { 'config.example.yaml': exampleConfig(), 'docs/reference/settings.md': settingsReference() }
}

function exampleConfig(): string {
  const head = [
    '# Every setting of Headwater with its default: the server starts the same with and without this file.',
    '# Use it with `headwater serve --config config.yaml` or HEADWATER_CONFIG. Environment variables and flags win over it.',
    '# Printed by `npm run docs:settings` from src/app/config/settings.ts.',
  ]
  return [...head, ...settingEntries().map(([key, setting]) => exampleEntry(key, setting)), ''].join('\n')
}

function exampleEntry(key: string, setting: Setting): string {
  const facts = `Default: ${defaultText(setting)}. Wants ${rangeText(setting)}.`
  return ['', `# ${setting.doc}`, `# ${facts}`, exampleLine(key, setting)].join('\n')
}

function exampleLine(key: string, setting: Setting): string {
  if (setting.kind === 'access-keys' || setting.kind === 'event-targets') return `${key}: []`
  if (setting.kind === 'numbers') {
    return [`${key}:`, ...Object.entries(setting.default).map(([name, value]) => `  ${name}: ${value}`)].join(
      '\n',
    )
  }
  if (setting.default === undefined) return `# ${key}:`
  return `${key}: ${String(setting.default)}`
}

function settingsReference(): string {
  const rows = settingEntries().map(([key, setting]) => referenceEntry(key, setting))
  return `# Settings

Each setting has a key in the config file, an environment variable and a flag. Later ones win: defaults, config file
(\`--config\` or \`HEADWATER_CONFIG\`), environment, flags. A bad value, an unknown key or an unknown flag stops the start and
names the key, the value and the range. Relative paths start at the directory in which the server is started.

This page is printed by \`npm run docs:settings\`; [config.example.yaml](../../config.example.yaml) holds the same settings
as a file to begin with.

${rows.join('\n')}`
}

function referenceEntry(key: string, setting: Setting): string {
  const environment = isFileOnly(setting) ? 'config file only' : `\`${environmentName(key)}\``
  const flag = isFileOnly(setting) ? '' : `, flag ${flagForms(key, setting)}`
  return `## ${key}

${setting.doc}

- Default: ${code(defaultText(setting))}
- Wants: ${rangeText(setting)}
- Given as: ${environment}${flag}
${setting.kind === 'numbers' ? numbersTable(setting) : ''}`
}

function numbersTable({ default: numbers, unit }: Extract<Setting, { kind: 'numbers' }>): string {
  const rows = Object.entries(numbers).map(([name, value]) => [code(name), value.toLocaleString('en')])
  const width = Math.max(...rows.map(([name = '']) => name.length))
  const numberWidth = `default ${unit}`.length
  const line = ([name = '', value = '']: readonly string[], fill = ' '): string =>
    `| ${name.padEnd(width, fill)} | ${value.padEnd(numberWidth, fill)} |`
  return [
    '',
    line(['name', `default ${unit}`]),
    line(['', ''], '-'),
    ...rows.map((row) => line(row)),
    '',
  ].join('\n')
}

function flagForms(key: string, setting: Setting): string {
  const flag = flagName(key)
  return setting.kind === 'boolean' ? `\`--${flag}\` or \`--no-${flag}\`` : `\`--${flag}\``
}

function code(text: string): string {
  return `\`${text}\``
}
