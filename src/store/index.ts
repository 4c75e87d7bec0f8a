/**
 * The door of the store room.
 */
export { diskRecordingBuckets } from './disk-recording-buckets.ts'
export { openStore } from './open-store.ts'
export type { StoreOptions } from './open-database.ts'
export type { Store } from './open-store.ts'
export { StoreError } from './store-error.ts'
export type { StoreErrorCode } from './store-error.ts'
