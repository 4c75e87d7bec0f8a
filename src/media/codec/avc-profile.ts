/**
 * H.264 profiles and levels by the names that people know them by.
 *
 * Spec: ITU-T H.264 §A.2 (profiles), §A.3.1 and §A.3.2 (levels, 1b).
 */
import type { AvcConfig } from './avc.ts'

const PROFILE_NAMES: Readonly<Record<number, string>> = {
  66: 'Baseline',
  77: 'Main',
  88: 'Extended',
  100: 'High',
  110: 'High 10',
  122: 'High 4:2:2',
  244: 'High 4:4:4 Predictive',
}
const LEVEL_1B_BELOW_HIGH = 11
const LEVEL_1B_FROM_HIGH = 9
const HIGH_PROFILE_IDC = 100
const CONSTRAINT_SET3 = 0x10

/** Name of the profile; its number when it has none here. */
export function avcProfileName({ profileIdc }: Pick<AvcConfig, 'profileIdc'>): string {
  return PROFILE_NAMES[profileIdc] ?? String(profileIdc)
}

/** The level as `4.0`; `1b` is the one that is no number. */
export function avcLevelName(config: Pick<AvcConfig, 'profileIdc' | 'levelIdc' | 'constraintFlags'>): string {
  const { profileIdc, levelIdc, constraintFlags } = config
  const is1b =
    profileIdc < HIGH_PROFILE_IDC
      ? levelIdc === LEVEL_1B_BELOW_HIGH && (constraintFlags & CONSTRAINT_SET3) !== 0
      : levelIdc === LEVEL_1B_FROM_HIGH
  return is1b ? '1b' : (levelIdc / 10).toFixed(1)
}
