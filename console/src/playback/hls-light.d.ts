/** The smaller build of hls.js, without subtitles, alternate audio and DRM, ships no types of its own. */
declare module 'hls.js/light' {
  export * from 'hls.js'
  export { default } from 'hls.js'
}
