/**
 * The credentials that the environment holds for AWS tools.
 */
import type { Environment } from './raw-value.ts'

/** A pair of them; undefined when the environment does not hold both. */
export function credentialsOfEnvironment(
  environment: Environment = process.env,
): { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = environment
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined
  return { accessKeyId, secretAccessKey }
}
