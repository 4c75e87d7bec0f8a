/**
 * What the tag operations share: the ARN in the path, and the service whose resource it names (reference ivs-api §9).
 */
import { Type } from 'typebox'
import type { TString } from 'typebox'
import { serviceOfArn } from '../../domain/arn.ts'
import { DomainError } from '../../domain/errors.ts'
import type { TagStore } from '../../domain/stores.ts'
import type { CallContext } from '../operation.ts'

const MAX_ARN_CHARS = 128

/** Path of all tag operations. */
export const TAGS_PATH = '/tags/{resourceArn}'

/** ARN of a resource of any service. */
export const resourceArn: TString = Type.String({
  minLength: 1,
  maxLength: MAX_ARN_CHARS,
  pattern: '^arn:aws:[a-z0-9-]+:[a-z0-9-]+:[0-9]+:[a-zA-Z-]+/[a-zA-Z0-9-]+$',
})

/**
 * The tags of the service that the ARN belongs to.
 *
 * @throws {DomainError} `VALIDATION` when that service has none here.
 */
export function tagStoreOf({ tagStores }: Pick<CallContext, 'tagStores'>, arn: string): TagStore {
  const store = tagStores.get(serviceOfArn(arn) ?? '')
  if (store) return store
  const services = [...tagStores.keys()].join(' or ')
  throw new DomainError('VALIDATION', `resourceArn must name a resource of ${services}`)
}
