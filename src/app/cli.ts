/**
 * The command line: what was asked for, and the help that the settings table gives.
 *
 * Prints nothing and ends nothing; `main.ts` does what is returned here.
 */
import { Command, CommanderError, Option } from 'commander'
import { addAdsCommand, type WarmCommand } from './ads-command.ts'
import { CONFIG_FILE_VARIABLE } from './config/read-config.ts'
import {
  defaultText,
  environmentName,
  flagName,
  isFileOnly,
  rangeText,
  type Setting,
} from './config/setting.ts'
import { settingEntries } from './config/settings.ts'
import { addEventsCommand, type EventTailCommand } from './events-command.ts'
import { packageVersion } from './package-version.ts'
import { addTokenCommand, type TokenOptions } from './token-command.ts'

/** What a command line asks for. */
export type Invocation =
  /** Flags by setting key, as typed; see `ConfigSources`. */
  | { readonly kind: 'serve'; readonly flags: Readonly<Record<string, string>> }
  | { readonly kind: 'create-token'; readonly options: TokenOptions }
  | { readonly kind: 'tail-events'; readonly options: EventTailCommand }
  | { readonly kind: 'warm-ads'; readonly command: WarmCommand }
  | { readonly kind: 'print'; readonly text: string }
  /** `problem` is one line. */
  | { readonly kind: 'refused'; readonly problem: string }

/** Understands the arguments that follow the program's name. */
export function parseCommandLine(args: readonly string[]): Invocation {
  const printed: string[] = []
  let invocation: Invocation | undefined
  const program = new Command('headwater')
    .description('Self-hosted live video: publish over RTMP, play low-latency HLS.')
    .version(packageVersion(), '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => printed.push(text), writeErr: (text) => printed.push(text) })
  addServeCommand(program, (flags) => (invocation = { kind: 'serve', flags }))
  addEventsCommand(program, (options) => (invocation = { kind: 'tail-events', options }))
  addAdsCommand(program, (command) => (invocation = { kind: 'warm-ads', command }))
  addTokenCommand(program, (options) => (invocation = { kind: 'create-token', options }))
  try {
    program.parse(args, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0 || error.code === 'commander.help')
      return { kind: 'print', text: printed.join('') }
    return { kind: 'refused', problem: asOneLine(error.message) }
  }
  return invocation ?? { kind: 'print', text: program.helpInformation() }
}

function addServeCommand(program: Command, run: (flags: Record<string, string>) => void): void {
  const command = program
    .command('serve')
    .description('run the server')
    .addOption(new Option('--config <file>', `YAML file with settings; environment ${CONFIG_FILE_VARIABLE}`))
    .addHelpText('after', '\nLater ones win: defaults, config file, environment, flags.')
  for (const [key, setting] of settingEntries()) {
    if (!isFileOnly(setting)) addSettingOptions(command, key, setting)
  }
  command.action((values: Record<string, string | boolean>) =>
    run(Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]))),
  )
}

function addSettingOptions(command: Command, key: string, setting: Setting): void {
  const flag = flagName(key)
  const more = `(default ${defaultText(setting)}; environment ${environmentName(key)})`
  if (setting.kind === 'boolean') {
    // The positive form comes first: commander gives a switch known only by its negative form the default true.
    // Help shows the form that changes something; both are understood, and the last one typed wins.
    command.addOption(new Option(`--${flag}`, `${setting.doc} ${more}`).hideHelp(setting.default))
    command.addOption(new Option(`--no-${flag}`, `${setting.doc} ${more}`).hideHelp(!setting.default))
  } else {
    command.addOption(new Option(`--${flag} <value>`, `${setting.doc} Wants ${rangeText(setting)} ${more}`))
  }
}

function asOneLine(message: string): string {
  return message
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
    .trim()
}
