/**
 * What has to hold for a session to begin: the configuration in its address exists and allows what is asked for, and the
 * asset is a channel of the same account.
 *
 * Reference: ssai §3.1, §3.2 (aliases), §3.10.
 */
import { parseArn } from '../../domain/arn.ts'
import { preRollSecondsOf, type PlaybackConfiguration } from '../../domain/playback-configuration.ts'
import { membersOf, type PlaybackConfigurationMembers } from '../../domain/playback-configuration-document.ts'
import { accountHash } from '../../domain/playback-endpoints.ts'
import type { PlayerAddress } from './player-address.ts'
import { refuse } from './player-refusal.ts'
import type { SessionPlace } from './player-sessions.ts'
import type { ReadParameters, SessionParameters } from './session-parameters.ts'

/** What a session begins with. */
export type StartedSession = { readonly place: SessionPlace; readonly parameters: SessionParameters }

const PLAYLIST = /^(.{1,512})\.m3u8$/
const PLAYER_PARAMS = 'player_params.'

/**
 * The session that may begin at `address`.
 *
 * @param channelOf the channel whose playback URL has this path; undefined when it is none.
 * @throws {PlayerRefusal} when it may not.
 */
export function startSession(
  { accountHash: hash, configurationName, rest }: PlayerAddress,
  configuration: PlaybackConfiguration,
  asked: {
    readonly read: ReadParameters
    /** Playback token of the query. */
    readonly token: string | null
    readonly channelOf: (path: string) => string | undefined
  },
): StartedSession {
  const { read, channelOf } = asked
  if (read.kind === 'invalid') refuse('BadRequestException', read.problem)
  const members = membersOf(configuration.document)
  if (read.parameters.isGuided && members.InsertionMode !== 'PLAYER_SELECT') {
    refuse('BadRequestException', 'GUIDED needs a playback configuration with InsertionMode PLAYER_SELECT')
  }
  const channelArn = channelOfAsset(rest, channelOf)
  const { accountId } = configuration
  // Ads of one account never stand in the streams of another.
  if (parseArn(channelArn)?.accountId !== accountId || accountHash(accountId) !== hash) {
    refuse('NotFoundException', 'there is no such channel')
  }
  const parameters = { ...read.parameters, token: asked.token ?? read.parameters.token }
  checkAliases(members, parameters)
  const preRollSeconds = preRollSecondsOf(members)
  return {
    place: { accountHash: hash, accountId, configurationName, channelArn, preRollSeconds },
    parameters,
  }
}

/**
 * The channel that an asset is.
 *
 * @throws {PlayerRefusal} when it is none.
 */
export function channelOfAsset(rest: string, channelOf: (path: string) => string | undefined): string {
  const asset = PLAYLIST.exec(rest)?.[1]
  const channelArn = asset === undefined ? undefined : channelOf(`/${asset}.m3u8`)
  return channelArn ?? refuse('NotFoundException', 'the asset must be the path of a channel’s playback URL')
}

/** What a token says is not known yet: with one, an alias that means nothing shows when ads are asked for. */
function checkAliases(
  { ConfigurationAliases: aliases = {} }: PlaybackConfigurationMembers,
  { playerParams, token }: SessionParameters,
): void {
  if (token !== undefined) return
  for (const [variable, meanings] of Object.entries(aliases)) {
    const name = variable.slice(PLAYER_PARAMS.length)
    const alias = Object.hasOwn(playerParams, name) ? playerParams[name] : undefined
    if (alias === undefined) refuse('BadRequestException', `the player parameter ${name} is missing`)
    if (!Object.hasOwn(meanings, alias)) {
      refuse('BadRequestException', `the player parameter ${name} must be one of the configuration’s aliases`)
    }
  }
}
