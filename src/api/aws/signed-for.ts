/**
 * Tells services with the same paths apart: by the service that stands in the scope of a request's signature.
 *
 * It only chooses who answers; whether the signature is right is found out there.
 */
import type { FastifyInstance } from 'fastify'

type Storage = ReturnType<Parameters<FastifyInstance['addConstraintStrategy']>[0]['storage']>
type Handler = Parameters<Storage['set']>[1]

/** The constraint's name: a route with it answers only what is signed for its service. */
export const SIGNED_FOR = 'signedFor'

const SCOPE =
  /^\s*AWS4-HMAC-SHA256 .{0,400}?Credential=[^/,\s]{1,200}\/[^/,\s]{1,20}\/[^/,\s]{1,40}\/([^/,\s]{1,40})\//

/** Lets routes of `app` ask for a service. */
export function addSignedForConstraint(app: FastifyInstance): void {
  app.addConstraintStrategy({
    name: SIGNED_FOR,
    storage: () => {
      const handlers = new Map<unknown, Handler>()
      return {
        get: (service) => handlers.get(service) ?? null,
        set: (service, handler) => {
          handlers.set(service, handler)
        },
      }
    },
    deriveConstraint: ({ headers }) => serviceIn(headers.authorization),
  })
}

/** The service that an Authorization header names; undefined when it cannot be told. */
export function serviceIn(authorization: string | undefined): string | undefined {
  return SCOPE.exec(authorization ?? '')?.[1]
}
