/**
 * Requests for a multivariant playlist with a playback token of their own each, and the script that makes wrk send them.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tokenSigner, type TokenSigner } from '../../test/harness/playback-tokens.ts'
import { scratchDirectory } from '../rig/scratch-directory.ts'
import type { BenchChannel } from '../rig/headwater-server.ts'

/** Signs for one channel. */
export type ChannelTokens = {
  readonly publicKeyPem: string
  /** A token that was never made before. */
  readonly next: () => string
}

const LIFE_S = 3600
const SCRIPT = `
local paths, count, index = {}, 0, 0
function init(args)
  for line in io.lines(args[1]) do
    count = count + 1
    paths[count] = line
  end
end
function request()
  index = index % count + 1
  return wrk.format("GET", paths[index])
end
`

/** Tokens as an owner's backend makes them: for an hour, with nothing but the channel. */
export function channelTokens(channel: BenchChannel): ChannelTokens {
  const signer: TokenSigner = tokenSigner()
  const exp = Math.floor(Date.now() / 1000) + LIFE_S
  let made = 0
  return {
    publicKeyPem: signer.publicKeyPem,
    next: () => signer.sign({ 'aws:channel-arn': channel.arn, exp, jti: String(made++) }),
  }
}

/** Files for wrk: its script, and the paths with `count` tokens, which it sends in turn. */
export function writeTokenRequests(
  channel: BenchChannel,
  tokens: ChannelTokens,
  count: number,
): readonly [script: string, paths: string] {
  const directory = scratchDirectory('tokens')
  const files = [join(directory, 'send.lua'), join(directory, 'paths')] as const
  const { pathname } = new URL(channel.playbackUrl)
  writeFileSync(files[0], SCRIPT)
  const lines = Array.from({ length: count }, () => `${pathname}?token=${tokens.next()}`)
  writeFileSync(files[1], lines.join('\n'))
  return files
}
