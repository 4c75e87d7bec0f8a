/**
 * What is counted for Prometheus of requests to the outside: of all hosts together, because ad servers name the hosts.
 */
import type { OutboundClient } from '../ads/outbound/outbound-client.ts'
import type { ExposedMetric, ExposedValue } from '../metrics/index.ts'

/** The clients by what they are for. */
export type OutboundClients = {
  /** Ad servers and creatives. */
  readonly ads: Pick<OutboundClient, 'counts'>
  readonly beacons: Pick<OutboundClient, 'counts'>
}

/** The metrics of both clients. */
export function outboundMetrics(clients: OutboundClients): readonly ExposedMetric[] {
  return [
    {
      name: 'headwater_outbound_requests_total',
      help: 'Requests to the outside by what became of them: answered, or the code of the fault.',
      kind: 'counter',
      labels: ['client', 'outcome'],
      read: () =>
        ofEach(clients, ({ answered, failed }) => byLabel('outcome', { answered, ...inLowerCase(failed) })),
    },
    {
      name: 'headwater_outbound_requests_open',
      help: 'Requests to the outside that are under way or wait for a connection.',
      kind: 'gauge',
      labels: ['client'],
      read: () => ofEach(clients, ({ open }) => [{ value: open }]),
    },
    {
      name: 'headwater_outbound_lookups_total',
      help: 'Look-ups of names: begun, and of those failed; given up by all who asked; refused because too many wait.',
      kind: 'counter',
      labels: ['client', 'step'],
      read: () =>
        ofEach(clients, ({ lookups: { begun, failed, timedOut, refused } }) =>
          byLabel('step', { begun, failed, 'given-up': timedOut, refused }),
        ),
    },
  ]
}

function ofEach(
  clients: OutboundClients,
  read: (counts: OutboundClient['counts']) => readonly ExposedValue[],
): readonly ExposedValue[] {
  return Object.entries(clients).flatMap(([client, { counts }]) =>
    read(counts).map(({ labels, value }) => ({ labels: { client, ...labels }, value })),
  )
}

function byLabel(label: string, values: Readonly<Record<string, number>>): readonly ExposedValue[] {
  return Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value }))
}

/** `TOO_BUSY` as `too-busy`. */
function inLowerCase(values: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(values).map(([code, value]) => [code.toLowerCase().replaceAll('_', '-'), value]),
  )
}
