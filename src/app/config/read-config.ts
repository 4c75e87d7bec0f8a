/**
 * The one reader of settings: defaults, then the config file, then the environment, then flags; the last one wins.
 *
 * Nothing else in the program looks at the environment.
 */
import { readConfigFile } from './config-file.ts'
import { ConfigError } from './config-error.ts'
import { isLoopbackHost } from './hosts.ts'
import { parseSetting } from './parse-setting.ts'
import { readSecretFile } from './secret-source.ts'
import type { Environment, RawValue } from './raw-value.ts'
import type { ServerConfig, SettingKey } from './server-config.ts'
import { environmentName, flagName, isFileOnly, rangeText } from './setting.ts'
import { settingEntries, settings } from './settings.ts'

/** Name of the environment variable that holds the path of the config file. */
export const CONFIG_FILE_VARIABLE = 'HEADWATER_CONFIG'

/** Where settings come from. */
export type ConfigSources = {
  /** Flags by setting key, as typed; a switch is `true` or `false`. `config` is the path of the config file. */
  readonly flags: Readonly<Record<string, string>>
  /** Default: the environment of this process. */
  readonly environment?: Environment
}

type GivenValue = { readonly raw: RawValue; readonly origin: string }

/**
 * Merges and checks all settings.
 *
 * Environment names that belong to no setting are left alone: container platforms put names of their own beginning with
 * the name of a service (`HEADWATER_SERVICE_HOST`) into every environment.
 *
 * @throws {ConfigError} naming the setting, the value and what is wanted.
 */
export function readConfig(sources: ConfigSources): ServerConfig {
  const environment = sources.environment ?? process.env
  const path = sources.flags['config'] ?? environment[CONFIG_FILE_VARIABLE]
  const given = new Map<SettingKey, GivenValue>([
    ...(path === undefined ? [] : fromFile(path)),
    ...fromEnvironment(environment),
    ...fromFlags(sources.flags),
  ])
  const values = settingEntries().map(([key, setting]) => {
    const value = given.get(key)
    return [key, value === undefined ? setting.default : parseGiven(key, value, environment)] as const
  })
  // The table's type ties each key to a setting of the right kind, and `parseSetting` to a value of that kind.
  const config = Object.fromEntries(values) as unknown as ServerConfig
  const accessKeys = withAccount(config)
  const complete = { ...config, accessKeys, eventWebhookSecret: eventWebhookSecret(config) }
  checkTogether(complete)
  return complete
}

function fromFile(path: string): [SettingKey, GivenValue][] {
  return [...readConfigFile(path)].map(([key, raw]) => {
    if (!isSettingKey(key)) {
      throw new ConfigError('SETTING_UNKNOWN', `unknown setting ${key} in config file ${path}`)
    }
    return [key, { raw, origin: `config file ${path}` }]
  })
}

function fromEnvironment(environment: Environment): [SettingKey, GivenValue][] {
  return settingEntries().flatMap(([key, setting]): [SettingKey, GivenValue][] => {
    const name = environmentName(key)
    const raw = isFileOnly(setting) ? undefined : environment[name]
    return raw === undefined ? [] : [[key, { raw, origin: `environment ${name}` }]]
  })
}

function fromFlags(flags: Readonly<Record<string, string>>): [SettingKey, GivenValue][] {
  return Object.entries(flags).flatMap(([key, raw]): [SettingKey, GivenValue][] => {
    if (key === 'config') return []
    if (!isSettingKey(key) || isFileOnly(settings[key])) {
      throw new ConfigError('SETTING_UNKNOWN', `unknown flag --${flagName(key)}`)
    }
    return [[key, { raw, origin: `flag --${flagName(key)}` }]]
  })
}

function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(settings, key)
}

function parseGiven(key: SettingKey, given: GivenValue, environment: Environment): unknown {
  const parsed = parseSetting(settings[key], given.raw, environment)
  if (parsed.kind === 'value') return parsed.value
  const wanted = rangeText(settings[key])
  throw new ConfigError('SETTING_INVALID', `${key} (${given.origin}) is ${parsed.problem}; want ${wanted}`)
}

function withAccount(config: ServerConfig): ServerConfig['accessKeys'] {
  return config.accessKeys.map((key) => (key.account === '' ? { ...key, account: config.account } : key))
}

function eventWebhookSecret(config: ServerConfig): string | undefined {
  const { eventWebhookSecret: given, eventWebhookSecretFile: path, eventWebhook } = config
  if (given !== undefined && path !== undefined) {
    throw new ConfigError('SETTINGS_CONFLICT', 'eventWebhookSecret and eventWebhookSecretFile are both set')
  }
  if ((given !== undefined || path !== undefined) && eventWebhook === undefined) {
    throw new ConfigError('SETTINGS_CONFLICT', 'a secret for eventWebhook is set without eventWebhook')
  }
  if (path === undefined) return given
  const secret = settings.eventWebhookSecret.read(readSecretFile(path)?.trimEnd() ?? '')
  if (secret !== undefined) return secret
  const wanted = rangeText(settings.eventWebhookSecret)
  throw new ConfigError(
    'SETTING_INVALID',
    `eventWebhookSecretFile ${path} cannot be read or is malformed; want ${wanted} in it`,
  )
}

function checkTogether(config: ServerConfig): void {
  if ((config.tlsCertificateFile === undefined) !== (config.tlsKeyFile === undefined)) {
    const [given, missing] = config.tlsKeyFile
      ? ['tlsKeyFile', 'tlsCertificateFile']
      : ['tlsCertificateFile', 'tlsKeyFile']
    throw new ConfigError('SETTINGS_CONFLICT', `${given} is set without ${missing}; want both or none`)
  }
  checkPorts(config)
  if (!isLoopbackHost(config.host) && config.accessKeys.length === 0) {
    throw new ConfigError(
      'ACCESS_KEYS_REQUIRED',
      `host is "${config.host}", which other machines can reach, but no accessKeys are set; ` +
        'add at least one access key to the config file or listen on 127.0.0.1',
    )
  }
}

function checkPorts(config: ServerConfig): void {
  const taken = new Map<number, string>()
  for (const key of ['httpPort', 'rtmpPort', 'tlsPort'] as const) {
    const port = config[key]
    const other = taken.get(port)
    if (port !== 0 && other !== undefined) {
      throw new ConfigError('SETTINGS_CONFLICT', `${other} and ${key} are both ${port}; want different ports`)
    }
    taken.set(port, key)
  }
}
