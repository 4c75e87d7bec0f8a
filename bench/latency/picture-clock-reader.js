/**
 * In the page: reads the clock inside each picture that is shown, and notes when the first one was.
 *
 * Runs before the page's own scripts, with `LAYOUT` of picture-clock.ts in front of it. Leaves `window.pictureClock`.
 */
/* global LAYOUT, window, document, performance */
const blocks = LAYOUT.timeBits + LAYOUT.checkBits
const width = blocks * LAYOUT.blockPixels
const clock = {
  firstPictureMs: undefined,
  /** Age of the picture shown last, in milliseconds; undefined when its clock could not be read. */
  ageMs: undefined,
  read: 0,
  unreadable: 0,
  /** From the first request for a playlist to the first picture. */
  startupMs: () => {
    const requests = performance.getEntriesByType('resource')
    const playlist = requests.find((entry) => new URL(entry.name).pathname.endsWith('.m3u8'))
    return playlist && clock.firstPictureMs && clock.firstPictureMs - playlist.startTime
  },
}
window.pictureClock = clock
// Otherwise the playlist's entry is lost among those of many segments.
performance.setResourceTimingBufferSize(5000)

const canvas = document.createElement('canvas')
canvas.width = width
canvas.height = LAYOUT.blockPixels
const context = canvas.getContext('2d', { willReadFrequently: true })

function onPicture(video) {
  clock.firstPictureMs ??= performance.now()
  const left = Math.floor((video.videoWidth - width) / 2)
  const row = [left, 0, width, LAYOUT.blockPixels]
  context.drawImage(video, ...row, 0, 0, width, LAYOUT.blockPixels)
  const paintedMs = readTime()
  const span = 2 ** LAYOUT.timeBits
  clock.ageMs = paintedMs === undefined ? undefined : ((Date.now() % span) - paintedMs + span) % span
  if (paintedMs === undefined) clock.unreadable++
  else clock.read++
  video.requestVideoFrameCallback(() => onPicture(video))
}

function readTime() {
  const middle = LAYOUT.blockPixels / 2
  const { data } = context.getImageData(0, middle, width, 1)
  let time = 0
  let check = 0
  for (let block = 0; block < blocks; block++) {
    const bit = data[(block * LAYOUT.blockPixels + middle) * 4] > 127 ? 1 : 0
    if (block < LAYOUT.timeBits) time = time * 2 + bit
    else check = check * 2 + bit
  }
  return check === ((time ^ (time >> 8) ^ (time >> 16) ^ 0xa5) & 0xff) ? time : undefined
}

function findVideo() {
  const video = document.querySelector('video')
  if (video) video.requestVideoFrameCallback(() => onPicture(video))
  else window.requestAnimationFrame(findVideo)
}
findVideo()
