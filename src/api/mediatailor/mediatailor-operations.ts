/**
 * The operations of AWS Elemental MediaTailor that configure where ads come from, in the contract's order.
 */
import type { Operation } from '../operation.ts'
import { configureLogsForPlaybackConfiguration } from './configureLogsForPlaybackConfiguration.ts'
import { createPrefetchSchedule } from './createPrefetchSchedule.ts'
import { deletePlaybackConfiguration } from './deletePlaybackConfiguration.ts'
import { deletePrefetchSchedule } from './deletePrefetchSchedule.ts'
import { getPlaybackConfiguration } from './getPlaybackConfiguration.ts'
import { getPrefetchSchedule } from './getPrefetchSchedule.ts'
import { listPlaybackConfigurations } from './listPlaybackConfigurations.ts'
import { listPrefetchSchedules } from './listPrefetchSchedules.ts'
import { listTagsForResource } from './listTagsForResource.ts'
import { putPlaybackConfiguration } from './putPlaybackConfiguration.ts'
import { tagResource } from './tagResource.ts'
import { untagResource } from './untagResource.ts'

/** Name of the service in ARNs and in the scope of a signature. */
export const MEDIA_TAILOR = 'mediatailor'

/** The operations, by name. */
export const mediaTailorOperations: readonly Operation[] = [
  configureLogsForPlaybackConfiguration,
  createPrefetchSchedule,
  deletePlaybackConfiguration,
  deletePrefetchSchedule,
  getPlaybackConfiguration,
  getPrefetchSchedule,
  listPlaybackConfigurations,
  listPrefetchSchedules,
  listTagsForResource,
  putPlaybackConfiguration,
  tagResource,
  untagResource,
]
