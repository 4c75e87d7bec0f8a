/**
 * What the tag operations share: the ARN in the path.
 */
import { Type } from 'typebox'
import type { TString } from 'typebox'
import { DomainError } from '../../domain/errors.ts'
import type { TagStore } from '../../domain/stores.ts'
import type { CallContext } from '../operation.ts'
import { MAX_NAME_CHARS } from './members.ts'

const MAX_ARN_CHARS = 2 * MAX_NAME_CHARS + 100

/** Path of all tag operations; IVS has the same. */
export const TAGS_PATH = '/tags/{ResourceArn}'

/** ARN of a resource of this service. */
export const resourceArn: TString = Type.String({
  minLength: 1,
  maxLength: MAX_ARN_CHARS,
  pattern: '^arn:aws:mediatailor:[a-z0-9-]+:[0-9]+:[a-zA-Z]+/[^\\p{Cc}\\p{Cs}]+$',
})

/** The tags of the service's resources. */
export function tagStoreOf({ tagStores }: Pick<CallContext, 'tagStores'>): TagStore {
  const store = tagStores.get('mediatailor')
  if (!store) throw new TypeError('there is no store for tags of mediatailor')
  return store
}

/** No resource of the account has this ARN. */
export function resourceNotFound(arn: string): DomainError {
  return new DomainError('RESOURCE_NOT_FOUND', `resource ${arn} not found`)
}
