/**
 * A program that answers every request with one buffer over bare node:http: the most that this Node can do.
 *
 * Arguments: size of the body in bytes. Prints its port.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const body = Buffer.alloc(Number(process.argv[2] ?? 0), 0x47)
const headers = ['Content-Type', 'video/mp2t', 'Content-Length', String(body.length)]
const server = createServer({ noDelay: true }, (_request, response) => {
  response.writeHead(200, headers)
  response.end(body)
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`))
