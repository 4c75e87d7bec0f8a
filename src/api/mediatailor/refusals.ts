/**
 * What operations say when something is not there.
 */
import { DomainError } from '../../domain/errors.ts'

/** The account has no configuration of this name. */
export function configurationNotFound(name: string): DomainError {
  return new DomainError('RESOURCE_NOT_FOUND', `playback configuration ${name} not found`)
}

/** The configuration has no schedule of this name, or it ended too long ago. */
export function scheduleNotFound(configurationName: string, name: string): DomainError {
  return new DomainError(
    'RESOURCE_NOT_FOUND',
    `prefetch schedule ${name} of playback configuration ${configurationName} not found`,
  )
}
