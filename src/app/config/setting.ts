/**
 * The form of a setting: what it may hold and how it is spelled in the three places it can be given.
 *
 * The settings themselves are the table in `settings.ts`; reading a value is `parse-setting.ts`.
 */
import type { EventTarget } from '../../events/event-target.ts'
import type { AccessKey, ServerConfig, SettingKey } from './server-config.ts'

type Documented = {
  /** One sentence for people, with a full stop. */
  readonly doc: string
}

/** A whole number between two bounds, both allowed. */
export type IntegerSetting = Documented & {
  readonly kind: 'integer'
  readonly default: number
  readonly min: number
  readonly max: number
  /** What is counted, in the plural: `milliseconds`. Undefined for a plain number such as a port. */
  readonly unit?: string
}

/** A switch. */
export type BooleanSetting = Documented & { readonly kind: 'boolean'; readonly default: boolean }

/** One word of a short list. */
export type ChoiceSetting<Choice extends string> = Documented & {
  readonly kind: 'choice'
  readonly default: Choice
  readonly choices: readonly Choice[]
}

/** Text of a certain form. */
export type TextSetting = Documented & {
  readonly kind: 'text'
  readonly default: string | undefined
  /** What stands in for a default that is worked out at start; only where `default` is undefined. */
  readonly defaultMeaning?: string
  /** The accepted form, as an error message says it after "want". */
  readonly want: string
  /** Whether a value may hold a password, so that no message shows it. */
  readonly secret?: boolean
  /** The text as it is used, or undefined when its form is wrong. */
  readonly read: (text: string) => string | undefined
}

/** The list of access keys: only in the config file, since flags and environments are easily seen by others. */
export type AccessKeysSetting = Documented & {
  readonly kind: 'access-keys'
  readonly default: readonly AccessKey[]
  readonly want: string
}

/** The list of targets that events go to: only in the config file, for a flag cannot hold it. */
export type EventTargetsSetting = Documented & {
  readonly kind: 'event-targets'
  readonly default: readonly EventTarget[]
  readonly want: string
}

/** Whole numbers by name; the names are those of the default. Only in the config file, for a flag cannot hold a map. */
export type NumbersSetting = Documented & {
  readonly kind: 'numbers'
  /** What holds for each name that is not given. */
  readonly default: Readonly<Record<string, number>>
  readonly min: number
  readonly max: number
  readonly unit: string
}

/** A setting whose value is one text, in whatever source. */
export type WrittenSetting = IntegerSetting | BooleanSetting | ChoiceSetting<string> | TextSetting

/** Any setting. */
export type Setting = WrittenSetting | AccessKeysSetting | EventTargetsSetting | NumbersSetting

/** A row for each of these keys. */
export type SettingTable<Keys extends SettingKey> = { readonly [Key in Keys]: SettingFor<ServerConfig[Key]> }

/** The kind of setting that yields a value of type `Value`. */
export type SettingFor<Value> = [Value] extends [number]
  ? IntegerSetting
  : [Value] extends [boolean]
    ? BooleanSetting
    : [Value] extends [readonly AccessKey[]]
      ? AccessKeysSetting
      : [Value] extends [readonly EventTarget[]]
        ? EventTargetsSetting
        : [Value] extends [Readonly<Record<string, number>>]
          ? NumbersSetting
          : [Value] extends [string]
            ? string extends Value
              ? TextSetting
              : ChoiceSetting<Value>
            : TextSetting

/** `httpPort` → `http-port`, the flag without its dashes. */
export function flagName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** `httpPort` → `HEADWATER_HTTP_PORT`. */
export function environmentName(key: string): string {
  return `HEADWATER_${flagName(key).replaceAll('-', '_').toUpperCase()}`
}

/** Whether a setting may be given only in the config file. */
export function isFileOnly(setting: Setting): boolean {
  return setting.kind === 'access-keys' || setting.kind === 'event-targets' || setting.kind === 'numbers'
}

/** The accepted values, as they follow "want" in a message and stand in the reference. */
export function rangeText(setting: Setting): string {
  switch (setting.kind) {
    case 'integer':
      return `a whole number from ${setting.min} to ${setting.max}${setting.unit ? ` ${setting.unit}` : ''}`
    case 'numbers':
      return `a map from some of these names to whole numbers from ${setting.min} to ${setting.max} ${setting.unit}`
    case 'boolean':
      return 'true or false'
    case 'choice':
      return `one of ${setting.choices.join(', ')}`
    case 'text':
    case 'access-keys':
    case 'event-targets':
      return setting.want
  }
}

/** What holds when nobody gives the setting, in words. */
export function defaultText(setting: Setting): string {
  if (setting.kind === 'access-keys' || setting.kind === 'event-targets') return 'none'
  if (setting.kind === 'numbers') return 'what stands beside each name'
  if (setting.kind === 'text') return setting.default ?? setting.defaultMeaning ?? 'none'
  if (setting.kind === 'integer' && setting.unit) return `${setting.default} ${setting.unit}`
  return String(setting.default)
}
