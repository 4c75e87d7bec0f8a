/**
 * From what the address asks for to the channel that is played.
 */
import type { ChannelChoice, ConsoleService, WatchedChannel } from '../service/console-service.ts'
import { classifyFailure } from '../service/failure.ts'
import { isArn, pickChannel } from './deep-link.ts'

/** Outcome of looking for a channel. */
export type ChannelSearch =
  | { readonly status: 'searching' }
  | { readonly status: 'found'; readonly channel: WatchedChannel }
  /** No channel of that name or ARN is on this server. */
  | { readonly status: 'missing'; readonly wanted: string }
  | { readonly status: 'unreachable' }
  | { readonly status: 'throttled' }
  | { readonly status: 'refused' }

/**
 * Looks once for the channel that `wanted` names, also beyond the list, which is bounded.
 *
 * @param wanted ARN or name; undefined takes the preferred one of `listed`, which must not be empty then.
 */
export async function findChannel(
  service: ConsoleService,
  wanted: string | undefined,
  listed: readonly ChannelChoice[],
  signal: AbortSignal,
): Promise<ChannelSearch> {
  try {
    const arn = await arnOf(service, wanted, listed, signal)
    if (arn === undefined) return { status: 'missing', wanted: wanted ?? '' }
    return { status: 'found', channel: await service.getChannel(arn, signal) }
  } catch (error) {
    const failure = classifyFailure(error)
    return failure === 'absent' ? { status: 'missing', wanted: wanted ?? '' } : { status: failure }
  }
}

async function arnOf(
  service: ConsoleService,
  wanted: string | undefined,
  listed: readonly ChannelChoice[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const picked = pickChannel(wanted, listed)
  if (picked || wanted === undefined) return picked?.arn
  return isArn(wanted) ? wanted : (await service.findByName(wanted, signal))?.arn
}
