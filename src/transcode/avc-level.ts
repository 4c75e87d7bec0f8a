/**
 * The lowest H.264 level that a rung fits into.
 *
 * Spec: ITU-T H.264 Table A-1 (limits), §A.3.4.1.
 */

type LevelLimits = {
  /** `level_idc`: ten times the level. */
  readonly levelIdc: number
  readonly maxMacroblocksPerSecond: number
  readonly maxMacroblocks: number
  readonly maxKbps: number
}

const LEVELS: readonly LevelLimits[] = (
  [
    [10, 1485, 99, 64],
    [11, 3000, 396, 192],
    [12, 6000, 396, 384],
    [13, 11_880, 396, 768],
    [20, 11_880, 396, 2000],
    [21, 19_800, 792, 4000],
    [22, 20_250, 1620, 4000],
    [30, 40_500, 1620, 10_000],
    [31, 108_000, 3600, 14_000],
    [32, 216_000, 5120, 20_000],
    [40, 245_760, 8192, 20_000],
    [42, 522_240, 8704, 50_000],
    [50, 589_824, 22_080, 135_000],
    [51, 983_040, 36_864, 240_000],
    [52, 2_073_600, 36_864, 240_000],
  ] as const
).map(([levelIdc, maxMacroblocksPerSecond, maxMacroblocks, maxKbps]) => ({
  levelIdc,
  maxMacroblocksPerSecond,
  maxMacroblocks,
  maxKbps,
}))
const HIGHEST_LEVEL_IDC = 52
const MACROBLOCK_PIXELS = 16
/** Rates that are measured come out a little above the truth now and then. */
const RATE_TOLERANCE = 1.01

/** `level_idc` for a picture size, a frame rate and a bitrate; 52 when nothing fits. */
export function avcLevelIdc(picture: {
  readonly width: number
  readonly height: number
  readonly frameRate: number
  readonly bitrateBps: number
}): number {
  const macroblocks =
    Math.ceil(picture.width / MACROBLOCK_PIXELS) * Math.ceil(picture.height / MACROBLOCK_PIXELS)
  const perSecond = (macroblocks * picture.frameRate) / RATE_TOLERANCE
  const fitting = LEVELS.find(
    (level) =>
      macroblocks <= level.maxMacroblocks &&
      perSecond <= level.maxMacroblocksPerSecond &&
      picture.bitrateBps <= level.maxKbps * 1000 &&
      longestEdgeFits(picture, level.maxMacroblocks),
  )
  return fitting?.levelIdc ?? HIGHEST_LEVEL_IDC
}

/** Neither edge may exceed the square root of eight times the largest frame, in macroblocks. */
function longestEdgeFits(picture: { width: number; height: number }, maxMacroblocks: number): boolean {
  const edge = Math.ceil(Math.max(picture.width, picture.height) / MACROBLOCK_PIXELS)
  return edge * edge <= 8 * maxMacroblocks
}
