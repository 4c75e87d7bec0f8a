/**
 * What a publisher says beside its media: facts about itself, captions, and texts for its viewers.
 *
 * - `onMetaData`: facts.
 * - `onCaptionInfo`, an object with `type` "708" and `data` in base64: captions (reference ivs-behaviour §15).
 * - Any other message that holds a text, as itself or as the member `text` of an object (`onTextData` and the like):
 *   timed metadata (reference ivs-behaviour §14).
 */
import type { PublisherAnnouncement } from '../domain/publishing.ts'
import type { Amf0Object, Amf0Value } from '../media/amf0/amf0-value.ts'
import { readCaptionPayload } from '../media/codec/captions.ts'
import type { RtmpDataMessage } from '../media/rtmp/rtmp-command.ts'
import { readAnnouncement } from './publisher-announcement.ts'

/** A message that means something to this server. */
export type ScriptMessage =
  | { readonly kind: 'announcement'; readonly announcement: PublisherAnnouncement }
  | { readonly kind: 'captions'; readonly constructs: Uint8Array }
  | { readonly kind: 'text'; readonly text: string }

/** More text than any caption message needs, in base64. */
const MAX_CAPTION_CHARS = 16_384

/** Reads a data message; undefined for one that says nothing to us. */
export function readScript({ name, value }: RtmpDataMessage): ScriptMessage | undefined {
  switch (name) {
    case 'onMetaData':
      return isObject(value) ? { kind: 'announcement', announcement: readAnnouncement(value) } : undefined
    case 'onCaptionInfo':
      return isObject(value) ? readCaptionInfo(value) : undefined
    case '@clearDataFrame':
      return undefined
    default: {
      const text = isObject(value) ? value.get('text') : value
      return typeof text === 'string' && text !== '' ? { kind: 'text', text } : undefined
    }
  }
}

function readCaptionInfo(info: Amf0Object): ScriptMessage | undefined {
  const data = info.get('data')
  if (info.get('type') !== '708' || typeof data !== 'string' || data.length > MAX_CAPTION_CHARS)
    return undefined
  const constructs = readCaptionPayload(Buffer.from(data, 'base64'))
  return constructs.length > 0 ? { kind: 'captions', constructs } : undefined
}

function isObject(value: Amf0Value): value is Amf0Object {
  return value instanceof Map
}
