/**
 * The channel in the page's address: `#channel=<ARN or name>`.
 */
import type { ChannelChoice } from '../service/console-service.ts'

const PREFERRED_NAME = 'demo'

/** The ARN or name that the address asks for; undefined when it asks for none. */
export function wantedChannel(hash: string): string | undefined {
  const wanted = new URLSearchParams(hash.replace(/^#/, '')).get('channel')?.trim()
  return wanted === '' ? undefined : wanted
}

/** Whether `wanted` is an ARN rather than a name. */
export function isArn(wanted: string): boolean {
  return wanted.startsWith('arn:')
}

/** The hash that leads back to `channel`: its name where that is enough, as it reads better. */
export function hashFor(channel: ChannelChoice, all: readonly ChannelChoice[]): string {
  const namesakes = all.filter((other) => other.name === channel.name).length
  const readable = channel.name !== '' && !isArn(channel.name) && namesakes <= 1
  return readable ? `#channel=${encodeURIComponent(channel.name)}` : `#channel=${channel.arn}`
}

/** What the page shows first: the wanted channel, or without a wish the demo, or the first one there is. */
export function pickChannel(
  wanted: string | undefined,
  all: readonly ChannelChoice[],
): ChannelChoice | undefined {
  if (wanted !== undefined) return all.find((channel) => channel.arn === wanted || channel.name === wanted)
  return all.find((channel) => channel.name === PREFERRED_NAME) ?? all[0]
}

/** What the picker calls a channel; names may be empty. */
export function channelLabel(channel: ChannelChoice): string {
  return channel.name === '' ? (channel.arn.split('/').at(-1) ?? channel.arn) : channel.name
}
