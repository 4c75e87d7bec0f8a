/**
 * Many viewers who begin to watch a channel with ads.
 */
import { Agent, get } from 'node:http'
import { text } from 'node:stream/consumers'

const AT_ONCE = 64

/** Opens `count` sessions; paths of their media playlists. */
export async function openSessions(playbackUrl: string, count: number): Promise<readonly string[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
  const paths: string[] = []
  let begun = 0
  const openNext = async (): Promise<void> => {
    while (begun++ < count) paths.push(pathIn(await fetchText(playbackUrl, agent), playbackUrl))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, openNext))
  agent.destroy()
  return paths
}

function fetchText(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => resolve(text(response))).once('error', reject)
  })
}

function pathIn(multivariant: string, playbackUrl: string): string {
  const uri = multivariant.split('\n').find((line) => line !== '' && !line.startsWith('#'))
  if (uri === undefined) throw new Error(`no media playlist in ${multivariant}`)
  return new URL(uri, playbackUrl).pathname
}
