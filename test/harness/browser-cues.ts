/**
 * What players raise of timed metadata and captions, collected in their pages.
 */
import type { Page } from 'playwright-core'

/** A piece that a player raised. */
export type RaisedCue = {
  readonly owner: string
  readonly text: string
  /** In the player's own time, which begins somewhere. */
  readonly startS: number
}

/** Begins to note what the page's hls.js raises from now on. */
export async function noteHlsCues(page: Page): Promise<void> {
  await page.evaluate(NOTE_HLS)
}

/** Begins to note what the page's IVS player raises from now on. */
export async function noteIvsCues(page: Page): Promise<void> {
  await page.evaluate(NOTE_IVS)
}

/** What was raised since, in order. */
export async function raisedCues(page: Page): Promise<readonly RaisedCue[]> {
  return page.evaluate<readonly RaisedCue[]>('window.cues')
}

/** A cue is raised when it becomes active, once each time that it does. */
const NOTE_HLS = `
  window.cues = []
  const note = (track) => {
    if (track.kind !== 'metadata') return
    track.mode = 'hidden'
    let before = new Set()
    track.addEventListener('cuechange', () => {
      const active = new Set(track.activeCues)
      for (const cue of active) {
        if (before.has(cue) || !cue.value) continue
        const { key, info, data } = cue.value
        const text = key === 'PRIV' ? new TextDecoder().decode(data) : String(data)
        window.cues.push({ owner: info ?? '', text, startS: cue.startTime })
      }
      before = active
    })
  }
  const { textTracks } = document.querySelector('video')
  textTracks.addEventListener('addtrack', ({ track }) => note(track))
  for (const track of textTracks) note(track)
`

const NOTE_IVS = `
  window.cues = []
  window.player.addEventListener('PlayerTextMetadataCue', ({ owner, text, startTime }) => {
    window.cues.push({ owner, text, startS: startTime })
  })
`
