/**
 * Why the server did not insert a break, in words.
 */

const AGAIN = 'Try again in a moment.'
const WORDS: Readonly<Record<string, string>> = {
  ChannelNotBroadcasting: 'The channel is not live.',
  ConflictException: 'A break is announced or running already. Wait for its end.',
  ResourceNotFoundException: 'The channel is gone.',
  ThrottlingException: `Too many API calls. ${AGAIN}`,
  AccessDeniedException: 'The server’s API wants access keys, which this page does not have.',
  InternalServerException: `The server failed. ${AGAIN}`,
}

/** Words for what the SDK threw; what the API says itself where there is nothing better. */
export function refusalWords(error: unknown): string {
  const { name = '', message = '', $metadata } = readError(error)
  const words = Object.hasOwn(WORDS, name) ? WORDS[name] : undefined
  if (words !== undefined) return words
  if ($metadata?.httpStatusCode === undefined) return `The server does not answer. ${AGAIN}`
  return message === '' || name === message ? 'The server did not insert the break.' : message
}

type ThrownBySdk = {
  readonly name?: string
  readonly message?: string
  readonly $metadata?: { readonly httpStatusCode?: number }
}

function readError(error: unknown): ThrownBySdk {
  return typeof error === 'object' && error !== null ? error : {}
}
