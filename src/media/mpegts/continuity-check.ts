/**
 * Follows the continuity counter of one PID.
 *
 * Spec: ISO/IEC 13818-1 §2.4.3.3: it counts packets with payload; a packet may be sent twice in a row.
 */
import type { TsPacket } from './packet-reader.ts'

/** What a packet is to the one before it: the next, the same again, or one that shows that others are missing. */
export type Continuity = 'next' | 'repeated' | 'broken'

/** One PID's counter. */
export class ContinuityCheck {
  #last: number | undefined
  #repeats = 0

  /** Judges `packet` and remembers it. */
  judge(packet: TsPacket): Continuity {
    const last = this.#last
    this.#last = packet.continuityCounter
    const repeats = this.#repeats
    this.#repeats = 0
    if (last === undefined || packet.discontinuity) return 'next'
    if (packet.continuityCounter === last) {
      this.#repeats = repeats + 1
      return repeats === 0 ? 'repeated' : 'broken'
    }
    return packet.continuityCounter === ((last + 1) & 15) ? 'next' : 'broken'
  }
}
