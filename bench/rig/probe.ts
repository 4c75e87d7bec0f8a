/**
 * Has ffprobe say whether served media is whole.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runOwned } from './owned-process.ts'
import { scratchDirectory } from './scratch-directory.ts'

/** The kinds of stream in `media` and how many packets each has, such as `video 60, audio 94`; fails when unreadable. */
export async function probeMedia(media: Buffer): Promise<string> {
  const file = join(scratchDirectory('probe'), 'media')
  await writeFile(file, media)
  const entries = ['-count_packets', '-show_entries', 'stream=codec_type,nb_read_packets']
  const output = await runOwned('ffprobe', ['-v', 'error', ...entries, '-of', 'json', file])
  const { streams } = JSON.parse(output) as { streams: { codec_type: string; nb_read_packets: string }[] }
  return streams.map((stream) => `${stream.codec_type} ${stream.nb_read_packets}`).join(', ')
}
