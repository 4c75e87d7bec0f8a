/**
 * What a Node process says of itself through its inspector: its heap after a collection.
 *
 * Spec: Chrome DevTools Protocol, `HeapProfiler.collectGarbage` and `Runtime.getHeapUsage`.
 */
import { once } from 'node:events'

/** Flag that opens the inspector on a free port. */
export const INSPECTOR_FLAG = '--inspect=127.0.0.1:0'

/** An open inspector. */
export type InspectedProcess = {
  /** Bytes in use on the heap of the main thread, with everything gone that nobody holds. */
  readonly heapBytes: () => Promise<number>
}

type Answer = { readonly id: number; readonly result: { readonly usedSize: number } }

/** @param complaints standard error of a process that was started with `INSPECTOR_FLAG`. */
export async function inspect(complaints: string): Promise<InspectedProcess> {
  const url = /ws:\/\/\S+/.exec(complaints)?.[0]
  if (url === undefined) throw new Error('the process has no inspector')
  const socket = new WebSocket(url)
  await once(socket, 'open')
  let lastId = 0
  const call = async (method: string): Promise<Answer['result']> => {
    const id = ++lastId
    socket.send(JSON.stringify({ id, method }))
    for (;;) {
      const [event] = (await once(socket, 'message')) as [{ readonly data: string }]
      const answer = JSON.parse(event.data) as Answer
      if (answer.id === id) return answer.result
    }
  }
  return {
    heapBytes: async () => {
      await call('HeapProfiler.collectGarbage')
      return (await call('Runtime.getHeapUsage')).usedSize
    },
  }
}
