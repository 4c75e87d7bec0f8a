/**
 * Whether a peer is on this machine.
 */

/** Whether `address`, as a socket reports it, is a loopback address of IPv4 or IPv6. */
export function isLoopback(address: string): boolean {
  const plain = address.replace(/^::ffff:/, '')
  return plain === '::1' || /^127\.\d+\.\d+\.\d+$/.test(plain)
}
