/**
 * An answer that ends a player's request early.
 */
import type { PlayerError, PlayerErrorType } from './player-answers.ts'

/** Thrown on the way to an answer; it becomes that answer. */
export class PlayerRefusal extends Error implements PlayerError {
  override readonly name = 'PlayerRefusal'
  readonly type: PlayerErrorType

  constructor({ type, message }: PlayerError) {
    super(message)
    this.type = type
  }
}

/** Ends the request with this error. */
export function refuse(type: PlayerErrorType, message: string): never {
  throw new PlayerRefusal({ type, message })
}
