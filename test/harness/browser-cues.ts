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

/** Texts of the captions that hls.js has made in the page so far. */
export async function captionsOf(page: Page): Promise<readonly string[]> {
  return page.evaluate<readonly string[]>(CAPTIONS)
}

const CAPTIONS = `
  [...document.querySelector('video').textTracks]
    .filter(({ kind }) => kind === 'captions')
    .flatMap((track) => {
      // A track that is turned off keeps its cues to itself.
      if (track.mode === 'disabled') track.mode = 'hidden'
      return [...(track.cues ?? [])].map(({ text }) => text.trim())
    })
`

/**
 * A cue is raised when it begins, also when the page was too busy to see it while it lasted. Chromium tells of one that
 * is active again when hls.js learns where it ends: that is the same cue.
 */
const NOTE_HLS = `
  window.cues = []
  const { addCue } = TextTrack.prototype
  TextTrack.prototype.addCue = function (cue) {
    if (this.kind === 'metadata' && cue.value) cue.addEventListener('enter', () => note(cue), { once: true })
    addCue.call(this, cue)
  }
  const note = ({ startTime, value: { key, info, data } }) => {
    const text = key === 'PRIV' ? new TextDecoder().decode(data) : String(data)
    window.cues.push({ owner: info ?? '', text, startS: startTime })
  }
`

const NOTE_IVS = `
  window.cues = []
  window.player.addEventListener('PlayerTextMetadataCue', ({ owner, text, startTime }) => {
    window.cues.push({ owner, text, startS: startTime })
  })
`
