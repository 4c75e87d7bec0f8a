/**
 * A file with one event a line. It is only ever appended to, and opened anew when somebody has moved it away.
 *
 * A crash can leave the last line unfinished; it is ended before the next one, and its event is written once more.
 */
import { open, stat, type FileHandle } from 'node:fs/promises'
import { DELIVERED, type EventSink } from './event-sink.ts'
import type { FileTarget } from './event-target.ts'

const MAX_BATCH_EVENTS = 200
const LINE_FEED = 0x0a

type OpenFile = { readonly handle: FileHandle; readonly inode: bigint }

/** The file at `target.path`, made when missing. */
export function fileSink({ path, sync }: FileTarget): EventSink {
  let file: OpenFile | undefined

  const close = async (): Promise<void> => {
    const { handle } = file ?? {}
    file = undefined
    await handle?.close()
  }

  const current = async (): Promise<OpenFile> => {
    if (file && (await inodeAt(path)) !== file.inode) await close()
    return (file ??= await openFile(path))
  }

  return {
    maxBatchEvents: MAX_BATCH_EVENTS,
    maxCallsAtOnce: 1,
    deliver: async (events) => {
      try {
        const { handle } = await current()
        await handle.appendFile(events.map(({ body }) => `${body}\n`).join(''))
        if (sync === 'always') await handle.datasync()
      } catch (error) {
        // Part of a line may be there: opening the file again looks after that.
        await close().catch(() => undefined)
        throw error
      }
      return events.map(() => DELIVERED)
    },
    [Symbol.asyncDispose]: close,
  }
}

async function openFile(path: string): Promise<OpenFile> {
  const handle = await open(path, 'a+', 0o640)
  const { ino, size } = await handle.stat({ bigint: true })
  if (size > 0n) {
    const { buffer } = await handle.read({ buffer: Buffer.alloc(1), position: size - 1n })
    if (buffer[0] !== LINE_FEED) await handle.appendFile('\n')
  }
  return { handle, inode: ino }
}

async function inodeAt(path: string): Promise<bigint | undefined> {
  try {
    return (await stat(path, { bigint: true })).ino
  } catch {
    return undefined
  }
}
