/**
 * The viewer sessions that the revocation operations name (reference ivs-api §8,
 * BatchStartViewerSessionRevocationViewerSession).
 */
import { Type } from 'typebox'
import type { Static, TInteger, TObject, TOptional, TString } from 'typebox'
import type { ViewerSessionRevocation } from '../../domain/viewer-session-revocation.ts'
import type { CallContext } from '../operation.ts'
import { arnOf } from './members.ts'

const MAX_VIEWER_ID_CHARS = 40
/** No database keeps a zero character and half a surrogate pair as they are. */
const STORABLE_TEXT = '^[^\\u0000\\ud800-\\udfff]*$'

type ViewerSessionMembers = {
  channelArn: TString
  viewerId: TString
  viewerSessionVersionsLessThanOrEqualTo: TOptional<TInteger>
}

/** Schemas of a viewer session. */
export const viewerSessionMembers: ViewerSessionMembers = {
  channelArn: arnOf('channel'),
  viewerId: Type.String({ minLength: 1, maxLength: MAX_VIEWER_ID_CHARS, pattern: STORABLE_TEXT }),
  // Larger numbers are no longer told apart, and a revocation must not be for more or fewer than it says.
  viewerSessionVersionsLessThanOrEqualTo: Type.Optional(
    Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  ),
}

/** The revocation that a request asks for; without a version only version 0. */
export function toRevocation(
  { accountId, clock }: Pick<CallContext, 'accountId' | 'clock'>,
  session: Static<TObject<ViewerSessionMembers>>,
): ViewerSessionRevocation {
  const { channelArn, viewerId, viewerSessionVersionsLessThanOrEqualTo: version = 0 } = session
  return { accountId, channelArn, viewerId, version, revokedAtMs: clock.nowMs() }
}
