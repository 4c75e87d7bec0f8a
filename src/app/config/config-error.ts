/**
 * Why the server did not start: its settings are wrong.
 */

/** Stable codes, listed in docs/reference/errors.md. */
export type ConfigErrorCode =
  | 'SETTING_UNKNOWN'
  | 'SETTING_INVALID'
  | 'SETTINGS_CONFLICT'
  | 'CONFIG_FILE_UNREADABLE'
  | 'CONFIG_FILE_INVALID'
  | 'ACCESS_KEYS_REQUIRED'

/** The settings cannot be used; the message names the key, the value and what is wanted, but no secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly code: ConfigErrorCode

  constructor(code: ConfigErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
