/**
 * PutMetadata: timed metadata for the viewers of a live channel.
 */
import { Type } from 'typebox'
import { DomainError } from '../../domain/errors.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { arnOf } from './members.ts'
import { notBroadcasting, requireChannel } from './refusals.ts'

const MAX_METADATA_BYTES = 1024

/** Puts metadata into a stream. Its text is the owner's and in no message. */
export const putMetadata: Operation = defineOperation({
  name: 'PutMetadata',
  status: 204,
  memberRate: { rateName: 'PutMetadataPerChannel', member: 'channelArn' },
  input: Type.Object({ channelArn: arnOf('channel'), metadata: Type.String({ minLength: 1 }) }),
  run: async (context, { channelArn, metadata }) => {
    checkMetadata(metadata)
    await requireChannel(context, channelArn)
    if (!context.control.putMetadata(channelArn, metadata)) throw notBroadcasting(channelArn)
    return undefined
  },
})

function checkMetadata(metadata: string): void {
  if (!metadata.isWellFormed()) {
    throw new DomainError('VALIDATION', 'metadata must be Unicode text: it has half of a surrogate pair')
  }
  if (Buffer.byteLength(metadata, 'utf8') > MAX_METADATA_BYTES) {
    throw new DomainError(
      'VALIDATION',
      `Metadata size exceeds payload limit: metadata must be at most ${MAX_METADATA_BYTES} bytes long in UTF-8`,
    )
  }
}
