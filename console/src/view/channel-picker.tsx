/**
 * Chooses the channel to watch.
 */
import type { ReactElement } from 'react'
import { channelLabel } from '../channels/deep-link.ts'
import type { ChannelChoice } from '../service/console-service.ts'

/** What the picker shows and tells. */
export type ChannelPickerProps = {
  readonly channels: readonly ChannelChoice[]
  readonly current: ChannelChoice | undefined
  /** Called when the viewer turns to the picker: a good moment to read the list anew. */
  readonly onOpen: () => void
  readonly onPick: (channel: ChannelChoice) => void
}

/** The channel list as the platform's own select, which phones and screen readers know best. */
export function ChannelPicker({ channels, current, onOpen, onPick }: ChannelPickerProps): ReactElement {
  const isListed = channels.some((channel) => channel.arn === current?.arn)
  const options = current && !isListed ? [current, ...channels] : channels
  return (
    <label className="picker">
      <span className="picker-label">Channel</span>
      <select
        value={current?.arn ?? ''}
        onFocus={onOpen}
        onChange={(event) => {
          const picked = options.find((channel) => channel.arn === event.target.value)
          if (picked) onPick(picked)
        }}
      >
        {!current && <option value="">Choose a channel…</option>}
        {options.map((channel) => (
          <option key={channel.arn} value={channel.arn}>
            {channelLabel(channel)}
          </option>
        ))}
      </select>
    </label>
  )
}
