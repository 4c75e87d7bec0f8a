/**
 * A text that many readers share, apart from a few places that hold something of each reader's own.
 *
 * What is shared is compressed once. For each reader the pieces are put together with his own texts between them, as one
 * DEFLATE stream: pieces end on a byte boundary and do not refer to what is before them, and own texts are stored as they
 * are. Only the checksum is made anew.
 *
 * Spec: RFC 1951 §3.2.4 (stored blocks), RFC 1952 §2.3 (member format).
 */
import { constants, crc32, deflateRawSync } from 'node:zlib'
import { utf8Latin1, type CompressibleText } from './answers.ts'

const GZIP_HEAD = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff])
const GZIP_TAIL_BYTES = 8
/** Longest stored block. */
const MAX_STORED_BYTES = 0xffff

/** The pieces, and the texts they make. */
export class SharedText {
  /** One character a byte, as `CompressibleText` is. */
  readonly #pieces: readonly string[]
  #deflated: readonly Buffer[] | undefined

  /** @param text with `mark` at each place that holds something of the reader's own. */
  constructor(text: string, mark: string) {
    this.#pieces = utf8Latin1(text).split(mark)
  }

  /** How many own texts it takes. */
  get places(): number {
    return this.#pieces.length - 1
  }

  /** The text of one reader. */
  with(own: readonly string[]): CompressibleText {
    const texts = this.#pieces.slice(1).map((_, place) => utf8Latin1(own[place] ?? ''))
    let plain = this.#pieces[0] ?? ''
    for (const [place, text] of texts.entries()) plain += text + (this.#pieces[place + 1] ?? '')
    return { plain, gzip: () => this.#gzip(plain, texts) }
  }

  #gzip(plain: string, texts: readonly string[]): string {
    const deflated = (this.#deflated ??= this.#deflate())
    const blocks: Buffer[] = [GZIP_HEAD]
    for (const [place, piece] of deflated.entries()) {
      if (place > 0) blocks.push(...storedBlocks(texts[place - 1] ?? ''))
      blocks.push(piece)
    }
    const tail = Buffer.alloc(GZIP_TAIL_BYTES)
    tail.writeUInt32LE(crc32(Buffer.from(plain, 'latin1')))
    tail.writeUInt32LE(plain.length, 4)
    blocks.push(tail)
    return Buffer.concat(blocks).toString('latin1')
  }

  #deflate(): Buffer[] {
    const last = this.#pieces.length - 1
    return this.#pieces.map((piece, index) =>
      deflateRawSync(Buffer.from(piece, 'latin1'), {
        finishFlush: index === last ? constants.Z_FINISH : constants.Z_FULL_FLUSH,
      }),
    )
  }
}

function storedBlocks(text: string): Buffer[] {
  const bytes = Buffer.from(text, 'latin1')
  const blocks: Buffer[] = []
  for (let at = 0; at < bytes.length; at += MAX_STORED_BYTES) {
    const piece = bytes.subarray(at, at + MAX_STORED_BYTES)
    const head = Buffer.alloc(5)
    head.writeUInt16LE(piece.length, 1)
    head.writeUInt16LE(piece.length ^ 0xffff, 3)
    blocks.push(head, piece)
  }
  return blocks
}
