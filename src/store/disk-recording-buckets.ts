/**
 * Buckets for recordings as directories of this machine.
 *
 * So far they are only checked; nothing is recorded yet.
 */
import { randomUUID } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BucketCheck, RecordingBuckets } from '../domain/recording-configuration.ts'

// The rules for names of S3 buckets; they also keep every name inside the directory.
const BUCKET_NAME = /^[a-z0-9](?:[a-z0-9-]|\.(?!\.))*[a-z0-9]$/

/** One directory under `directory` for each bucket, made on first use. */
export function diskRecordingBuckets(directory: string): RecordingBuckets {
  return { check: (bucketName) => check(directory, bucketName) }
}

async function check(directory: string, bucketName: string): Promise<BucketCheck> {
  if (!BUCKET_NAME.test(bucketName)) return unwritable('it is not a name that a bucket can have')
  const bucket = join(directory, bucketName)
  const probe = join(bucket, `.probe-${randomUUID()}`)
  try {
    await mkdir(bucket, { recursive: true, mode: 0o700 })
    await writeFile(probe, 'x', { flag: 'wx', flush: true })
    await rm(probe)
    return { kind: 'writable' }
  } catch (error) {
    return unwritable(error instanceof Error ? error.message : String(error))
  }
}

function unwritable(reason: string): BucketCheck {
  return { kind: 'unwritable', reason }
}
