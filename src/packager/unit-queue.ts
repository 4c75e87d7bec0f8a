/**
 * Units of one rendition that no part has taken yet, each kind in decode order.
 */
import type { SourcedUnit } from './unit-source.ts'

/** A queue that parts take from by time. */
export class UnitQueue {
  #units: SourcedUnit[] = []
  #sizeBytes = 0

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** The oldest unit. */
  get first(): SourcedUnit | undefined {
    return this.#units[0]
  }

  /** Adds a unit; units come in decode order. */
  push(sourced: SourcedUnit): void {
    this.#units.push(sourced)
    this.#sizeBytes += sourced.unit.data.length
  }

  /** Takes the units before `endTicks` out. */
  takeBefore(endTicks: number): SourcedUnit[] {
    let at = 0
    for (let first = this.#units[at]; first && first.unit.dtsTicks < endTicks; first = this.#units[at]) {
      this.#sizeBytes -= first.unit.data.length
      at++
    }
    return at === 0 ? [] : this.#units.splice(0, at)
  }

  /** Forgets the units from `startTicks` on. */
  dropFrom(startTicks: number): void {
    const kept = this.takeBefore(startTicks)
    this.#units = kept
    this.#sizeBytes = sizeOf(kept)
  }

  /** Forgets everything. */
  clear(): void {
    this.#units = []
    this.#sizeBytes = 0
  }
}

function sizeOf(units: readonly SourcedUnit[]): number {
  return units.reduce((sum, { unit }) => sum + unit.data.length, 0)
}
