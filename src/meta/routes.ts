import Type from 'typebox'
import { anyone } from '../accounts/callers.ts'
import type { App } from '../app.ts'
import { type Route, route } from '../http/route.ts'

export function metaRoutes(app: App, _all: Route[]) {
  return [
    route({
      method: 'GET',
      path: '/healthz',
      summary: 'The process lives',
      tag: 'Health',
      caller: anyone,
      reply: Type.Object({ status: Type.String() }),
      targetMs: 500,
      handle: () => ({ status: app.draining ? 'draining' : 'alive' }),
    }),
  ]
}
