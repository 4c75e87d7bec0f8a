/**
 * Random identifiers from the system's secure source.
 */
import { randomInt } from 'node:crypto'

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** `length` letters and digits, each drawn evenly: about 5.95 bits a character. */
export function randomAlphanumeric(length: number): string {
  let text = ''
  for (let i = 0; i < length; i++) text += ALPHANUMERIC.charAt(randomInt(ALPHANUMERIC.length))
  return text
}
