/**
 * What operations say when something is not there, or in use.
 */
import { DomainError } from '../../domain/errors.ts'
import type { LiveStream } from '../../domain/live.ts'
import type { CallContext } from '../operation.ts'

/** An entry in the `errors` of a batch answer. */
export type BatchErrorShape = { readonly arn: string; readonly code: string; readonly message: string }

/** The resource is not there, or not the caller's, which is the same to the caller. */
export function resourceNotFound(arn: string): DomainError {
  return new DomainError('RESOURCE_NOT_FOUND', notFoundText(arn))
}

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
 * Makes sure that the caller has the channel.
 *
 * @throws {DomainError} `RESOURCE_NOT_FOUND`.
 */
export async function requireChannel(context: CallContext, channelArn: string): Promise<void> {
  const channel = await context.channels.get(context.accountId, channelArn)
  if (!channel) throw resourceNotFound(channelArn)
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

function notFoundText(arn: string): string {
  return `Resource: ${arn} not found`
}
