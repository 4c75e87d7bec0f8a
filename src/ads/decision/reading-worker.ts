/**
 * The other end of `reading-thread.ts`.
 */
import { parentPort } from 'node:worker_threads'
import { readAdResponse } from '../../media/vast/ad-response.ts'
import type { ReadingJob, ReadingReport } from './reading-thread.ts'

parentPort?.on('message', ({ id, body }: ReadingJob) => {
  parentPort?.postMessage({ id, json: JSON.stringify(readAdResponse(body)) } satisfies ReadingReport)
})
