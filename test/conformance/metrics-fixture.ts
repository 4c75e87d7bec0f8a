/**
 * The API with values in its metrics, and the unmodified CloudWatch client before it.
 */
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import type { AccessKey } from '../../src/api/index.ts'
import type { CallRates } from '../../src/domain/call-rates.ts'
import type { MetricDimension, MetricName } from '../../src/domain/metrics.ts'
import { MetricStore } from '../../src/metrics/metric-store.ts'
import { ACCOUNT_ID, REGION, startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'

/** A running API with metrics. */
export type MetricsFixture = ApiFixture & {
  readonly metrics: CloudWatchClient
  /** Writes values of the account, one a second from the fixture's time on, and moves it to their end. */
  readonly write: (
    metric: MetricName,
    dimensions: Readonly<Record<string, string>>,
    values: readonly number[],
    accountId?: string,
  ) => void
}

const MAX_BYTES = 64 * 1024 * 1024

/** Starts it. */
export async function startMetrics(
  accessKeys: readonly AccessKey[] = [],
  callRates?: CallRates,
): Promise<MetricsFixture> {
  const store: { current: MetricStore | undefined } = { current: undefined }
  const api = await startApi({}, accessKeys, callRates, {
    metrics: (clock) => (store.current = new MetricStore({ clock, maxBytes: MAX_BYTES })),
  })
  const metrics = metricsClient(api)
  return {
    ...api,
    metrics,
    write: (metric, dimensions, values, accountId = ACCOUNT_ID) => {
      const list = Object.entries(dimensions).map(([name, value]): MetricDimension => ({ name, value }))
      for (const value of values) {
        store.current?.record(accountId, { metric, dimensions: list }, api.clock.nowMs(), value)
        api.clock.advance(1000)
      }
    },
    [Symbol.asyncDispose]: async () => {
      metrics.destroy()
      await api[Symbol.asyncDispose]()
    },
  }
}

/** A client for the metrics of `api`. */
export function metricsClient(
  { url }: Pick<ApiFixture, 'url'>,
  { id, secret }: Pick<AccessKey, 'id' | 'secret'> = { id: 'AKIDEXAMPLE', secret: 'anything' },
): CloudWatchClient {
  return new CloudWatchClient({
    endpoint: url,
    region: REGION,
    credentials: { accessKeyId: id, secretAccessKey: secret },
    maxAttempts: 1,
  })
}
