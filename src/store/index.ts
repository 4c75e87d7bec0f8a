/**
 * The door of the store room.
 */
export { diskRecordingBuckets } from './disk-recording-buckets.ts'
export { openStore } from './open-store.ts'
export type { Store, StoreOptions } from './open-store.ts'
export { StoreError } from './store-error.ts'
export type { StoreErrorCode } from './store-error.ts'
