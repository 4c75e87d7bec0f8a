/**
 * Who runs where: the server under measurement has one core, everything else the rest.
 */
import { availableParallelism } from 'node:os'

const isShared = availableParallelism() < 2

/** Core of the server; undefined on a machine with only one. */
export const SERVER_CORE: number | undefined = isShared ? undefined : 0
/** Core of what loads the server. */
export const LOAD_CORE: number | undefined = isShared ? undefined : 1
