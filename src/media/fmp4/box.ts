/**
 * Boxes as functions of their contents, for the parts of a file that are built once.
 *
 * Spec: ISO/IEC 14496-12 §4.2.
 */

/** A box of a four-letter `type` around `contents`. */
export function box(type: string, ...contents: readonly Uint8Array[]): Buffer {
  const sizeBytes = contents.reduce((sum, content) => sum + content.length, 8)
  return Buffer.concat([u32(sizeBytes), Buffer.from(type, 'latin1'), ...contents], sizeBytes)
}

/** A box with version and 24 bits of flags in front of its contents. */
export function fullBox(
  type: string,
  header: { readonly version: number; readonly flags: number },
  ...contents: readonly Uint8Array[]
): Buffer {
  return box(type, u32(header.version * 0x100_0000 + header.flags), ...contents)
}

/** Bytes as they are. */
export function u8(...values: readonly number[]): Buffer {
  return Buffer.from(values)
}

/** 16-bit numbers, big-endian. */
export function u16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2)
  values.forEach((value, index) => bytes.writeUInt16BE(value, index * 2))
  return bytes
}

/** 32-bit numbers, big-endian. */
export function u32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  values.forEach((value, index) => bytes.writeUInt32BE(value, index * 4))
  return bytes
}

/** A run of zero bytes. */
export function zeros(sizeBytes: number): Buffer {
  return Buffer.alloc(sizeBytes)
}
