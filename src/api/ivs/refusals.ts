/**
 * What operations say when something is not there, or in use.
 */
import type { Channel } from '../../domain/channel.ts'
import { DomainError, notFoundText, resourceNotFound } from '../../domain/errors.ts'
import type { LiveStream } from '../../domain/live.ts'
import type { DeleteOutcome } from '../../domain/stores.ts'
import type { CallContext } from '../operation.ts'

/** An entry in the `errors` of a batch answer. */
export type BatchErrorShape = { readonly arn: string; readonly code: string; readonly message: string }

/** Made where it is found out; here for the operations. */
export { resourceNotFound } from '../../domain/errors.ts'

/** The channel exists and nothing is live on it. */
export function notBroadcasting(channelArn: string): DomainError {
  return new DomainError('CHANNEL_NOT_BROADCASTING', `Channel: ${channelArn} is not currently online`)
}

/** A publisher holds the channel, so it may not change. */
export function channelIsLive(channelArn: string): DomainError {
  return new DomainError('CONFLICT', `Channel: ${channelArn} is live; stop its stream first`)
}

/** Batch errors for those of `arns` that are not among `found`, each once, in order. */
export function batchErrors(
  arns: readonly string[],
  found: readonly { readonly arn: string }[],
): readonly BatchErrorShape[] {
  const present = new Set(found.map((item) => item.arn))
  const missing = [...new Set(arns)].filter((arn) => !present.has(arn))
  return missing.map((arn) => ({ arn, code: '404', message: notFoundText(arn) }))
}

/**
 * The caller's channel.
 *
 * @throws {DomainError} `RESOURCE_NOT_FOUND`.
 */
export async function requireChannel(context: CallContext, channelArn: string): Promise<Channel> {
  const channel = await context.channels.get(context.accountId, channelArn)
  if (!channel) throw resourceNotFound(channelArn)
  return channel
}

/**
 * The stream that is live on the caller's channel.
 *
 * @throws {DomainError} `RESOURCE_NOT_FOUND` or `CHANNEL_NOT_BROADCASTING`.
 */
export async function requireStream(context: CallContext, channelArn: string): Promise<LiveStream> {
  await requireChannel(context, channelArn)
  const stream = context.live.get(channelArn)
  if (!stream) throw notBroadcasting(channelArn)
  return stream
}

/** A channel refers to the resource, so it may not go. */
export function resourceInUse(arn: string): DomainError {
  return new DomainError('CONFLICT', `Resource: ${arn} is in use; detach it from every channel first`)
}

/**
 * Makes sure that a resource was deleted.
 *
 * @throws {DomainError} `RESOURCE_NOT_FOUND` or `CONFLICT`.
 */
export function requireDeleted(outcome: DeleteOutcome, arn: string): void {
  if (outcome === 'missing') throw resourceNotFound(arn)
  if (outcome === 'in-use') throw resourceInUse(arn)
}
