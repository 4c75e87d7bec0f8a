/**
 * Headers of the answers (reference ivs-api §11; the values are ours, only the names are documented).
 */

/** Name of the header that tells the error's type. */
export const ERROR_TYPE_HEADER = 'x-amzn-ErrorType'

/** Name of the header with the request's id. */
export const REQUEST_ID_HEADER = 'x-amzn-RequestId'

/** On every answer, so that scripts of web pages can read it. */
export const CORS_HEADERS: Readonly<Record<string, string>> = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'x-amzn-ErrorType,x-amzn-RequestId,Date',
}

/** On every error and on the answers of the batch operations, beside the CORS headers. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store, no-cache',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  // Without includeSubDomains: this may be a name whose other hosts are not ours to speak for.
  'Strict-Transport-Security': 'max-age=47304000',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
}

/** Answers a browser's question whether a page may call an operation. */
export const PREFLIGHT_HEADERS: Readonly<Record<string, string>> = {
  'Access-Control-Allow-Methods': 'GET, POST, PUT, DELETE, OPTIONS',
  // The star covers what SDKs add, but never Authorization (Fetch standard, CORS-preflight fetch).
  'Access-Control-Allow-Headers': 'Authorization, Content-Type, X-Amz-Date, X-Amz-Content-Sha256, *',
  'Access-Control-Max-Age': '600',
}
