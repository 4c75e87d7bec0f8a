/**
 * The door of the API room.
 */
export type { AccessKey } from './aws/authenticate.ts'
export { createReadAccess } from './aws/authorize-read.ts'
export type { ReadAccess } from './aws/authorize-read.ts'
export { createApi } from './create-api.ts'
export type { ApiOptions, ApiStores } from './create-api.ts'
