/**
 * Full screen: of the whole stage where the browser can, of the bare video on iPhones.
 */

type AppleVideo = HTMLVideoElement & { readonly webkitEnterFullscreen?: () => void }

/** Enters or leaves full screen. */
export function toggleFullscreen(stage: HTMLElement, video: AppleVideo): void {
  if (document.fullscreenElement) void document.exitFullscreen()
  else if (document.fullscreenEnabled) void stage.requestFullscreen()
  else video.webkitEnterFullscreen?.()
}
