/**
 * What RTMP clients are told when they are turned away or disconnected, in codes they know.
 *
 * ffmpeg, librtmp and OBS stop on any status of level `error` and show its description; the codes are the ones they have
 * special words for where there are such.
 */
import type { PublishOutcome } from '../domain/publishing.ts'
import type { RtmpStatus } from '../media/rtmp/rtmp-replies.ts'

type RefusalReason = Extract<PublishOutcome, { kind: 'refused' }>['reason']

/** A name other than the one application there is. */
export const UNKNOWN_APP: RtmpStatus = error(
  'NetConnection.Connect.InvalidApp',
  'Publish to the application "app".',
)

/** No channel has this stream key. */
export const UNKNOWN_KEY: RtmpStatus = error('NetStream.Publish.BadName', 'The stream key is not valid.')

/** The channel asks for TLS. */
export const TLS_REQUIRED: RtmpStatus = error('NetStream.Publish.Rejected', 'This channel takes RTMPS only.')

/** Something failed on our side. */
export const SERVER_FAILED: RtmpStatus = error(
  'NetStream.Publish.Failed',
  'The server could not check the stream key.',
)

/** The session did not open, by its reason. */
export const NOT_OPENED: Readonly<Record<RefusalReason, RtmpStatus>> = {
  'already-live': error('NetStream.Publish.BadName', 'The channel is live already.'),
  'takeover-refused': error(
    'NetStream.Publish.BadName',
    'The channel is live already, with a priority that is not below this one.',
  ),
  'takeover-limit': error(
    'NetStream.Publish.BadName',
    'The stream was taken over as many times as it may be.',
  ),
  'shutting-down': error('NetStream.Publish.Failed', 'The server is shutting down.'),
  'too-many-streams': error('NetStream.Publish.Failed', 'The server has no room for another stream.'),
  'too-many-broadcasts': error(
    'NetStream.Publish.Failed',
    'The account has as many broadcasts as it may have at once.',
  ),
  'records-behind': error(
    'NetStream.Publish.Failed',
    'The server cannot write stream records at the moment.',
  ),
}

/** The media cannot be carried; `description` says why. */
export function mediaRejected(description: string): RtmpStatus {
  return error('NetStream.Publish.Rejected', description)
}

/** The protocol was broken, or a deadline missed. */
export function connectionFailed(description: string): RtmpStatus {
  return error('NetConnection.Connect.Closed', description)
}

/** The broadcast was ended from our side. */
export function disconnected(description: string): RtmpStatus {
  return { level: 'status', code: 'NetStream.Unpublish.Success', description }
}

function error(code: string, description: string): RtmpStatus {
  return { level: 'error', code, description }
}
