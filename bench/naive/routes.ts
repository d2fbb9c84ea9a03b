import Type from 'typebox'
import { anyone, callers } from '../../src/accounts/callers.ts'
import type { App } from '../../src/app.ts'
import { type Route, route } from '../../src/http/route.ts'
import { naiveDashboard, naiveUsage, naiveUsers } from './naive.ts'
import { ANONYMOUS, AUTHENTICATED, NAIVE } from './paths.ts'

const common = { method: 'GET', tag: 'Bench', summary: 'For the benchmark', targetMs: 1_000 } as const
const SearchOrLimit = Type.Object(
  { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })) },
  { additionalProperties: false },
)

/** What the bench's own server has besides: naive twins of some endpoints, and two that only say who calls. */
export function benchRoutes(app: App): Route[] {
  const { signedIn, staff } = callers(app)
  return [
    route({ ...common, path: ANONYMOUS, caller: anyone, handle: async () => ({ ok: true }) }),
    route({ ...common, path: AUTHENTICATED, caller: signedIn, handle: async () => ({ ok: true }) }),
    route({
      ...common,
      path: NAIVE['/api/admin/users'],
      caller: staff,
      query: SearchOrLimit,
      handle: ({ query }) => naiveUsers(app.db, query.limit ?? 50),
    }),
    route({
      ...common,
      path: NAIVE['/api/user/dashboard'],
      caller: signedIn,
      handle: ({ caller }) => naiveDashboard(app.db, caller.userId),
    }),
    route({
      ...common,
      path: NAIVE['/api/user/usage'],
      caller: signedIn,
      handle: ({ caller }) => naiveUsage(app.db, caller.userId),
    }),
  ]
}
