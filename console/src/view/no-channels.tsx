/**
 * The first thing seen on a server without channels: how to make one.
 */
import type { ReactElement } from 'react'
import { CopyCommand } from './copy-field.tsx'

/** Explains how to make the first channel; the page goes on by itself once there is one. */
export function NoChannels({ baseUrl }: { readonly baseUrl: URL }): ReactElement {
  const endpoint = baseUrl.href.replace(/\/$/, '')
  const command = [
    'aws ivs create-channel \\',
    '  --name my-channel \\',
    '  --region us-west-2 \\',
    `  --endpoint-url ${endpoint}`,
  ].join('\n')
  return (
    <section className="card welcome" role="status">
      <h2>No channels yet</h2>
      <p>
        Make one with any Amazon IVS client, for example the AWS command line, or start the server with its
        demo. This page shows it as soon as it exists.
      </p>
      <CopyCommand label="Command" value={command} />
      <p className="hint">
        The command line wants some credentials: a server that only listens on its own machine takes any.
      </p>
    </section>
  )
}
