import { describe, expect, test } from 'bun:test'
import { allRoutes } from '../src/routes.ts'
import { type Client, databases, type TestZimmer, testZimmer } from './zimmer.ts'

const CALLERS = ['nobody', 'customer', 'support_staff', 'technical_team', 'manager', 'service'] as const
type Caller = (typeof CALLERS)[number]

const anyone = CALLERS
const users = ['customer', 'support_staff', 'technical_team', 'manager'] as const
const staff = ['support_staff', 'technical_team', 'manager'] as const
const admins = ['technical_team', 'manager'] as const
const managers = ['manager'] as const
const services = ['service'] as const

/** Who may call what. A change of permissions is a change here; nothing is read from the routes themselves. */
const POLICY: [method: string, path: string, who: readonly Caller[]][] = [
  ['GET', '/health', anyone],
  ['GET', '/healthz', anyone],
  ['GET', '/readyz', anyone],
  // Without a token of its own the metrics are for this machine, which the tests are on: see metrics.test.ts.
  ['GET', '/metrics', anyone],
  ['GET', '/openapi.json', anyone],
  ['GET', '/docs', anyone],
  ['GET', '/setup', anyone],
  ['POST', '/api/setup', anyone],

  ['POST', '/api/auth/signup', anyone],
  ['POST', '/api/auth/register', anyone],
  ['POST', '/api/auth/login', anyone],
  ['POST', '/api/auth/refresh', anyone],
  ['POST', '/api/auth/logout', anyone],
  ['POST', '/api/auth/logout-all', users],
  ['GET', '/api/auth/csrf', users],
  ['GET', '/api/auth/sessions', users],
  ['DELETE', '/api/auth/sessions/:id', users],
  ['GET', '/api/auth/me', users],
  ['GET', '/api/me', users],
  ['PUT', '/api/user/profile', users],
  ['POST', '/api/user/password', users],

  ['GET', '/api/automations/marketplace', anyone],
  ['GET', '/api/automations/available', anyone],
  ['GET', '/api/automations/:id', anyone],

  ['GET', '/api/user/automations', users],
  ['GET', '/api/user/automations/active', users],
  ['GET', '/api/user/automations/:id', users],
  ['POST', '/api/user/automations', users],
  ['POST', '/api/user/automations/:id', users],
  ['PUT', '/api/user/automations/:id', users],
  ['POST', '/api/user/automations/:id/provision', users],
  ['GET', '/api/user/usage', users],
  ['GET', '/api/user/usage/distribution', users],
  ['GET', '/api/user/usage/days', users],
  ['GET', '/api/user/usage/events', users],
  ['GET', '/api/user/usage/export', users],
  ['GET', '/api/user/dashboard', users],

  ['POST', '/api/automation-usage/consume', services],
  ['POST', '/api/automation-usage/consume/batch', services],
  ['GET', '/api/automation-usage/balance', services],

  ['GET', '/api/admin/users', staff],
  ['GET', '/api/admin/users/:id', staff],
  ['GET', '/api/admin/users/:id/timeline', staff],
  ['GET', '/api/admin/users/export', admins],
  ['POST', '/api/admin/users/bulk-status', admins],
  ['PUT', '/api/admin/users/:id', admins],
  ['POST', '/api/admin/users/:id/activate', admins],
  ['POST', '/api/admin/users/:id/deactivate', admins],
  ['GET', '/api/admin/users/managers', managers],
  ['POST', '/api/admin/users/managers', managers],
  ['GET', '/api/admin/users/managers/stats', managers],
  ['POST', '/api/admin/users/managers/bulk-deactivate', managers],
  ['GET', '/api/admin/users/managers/:id', managers],
  ['PUT', '/api/admin/users/managers/:id', managers],
  ['DELETE', '/api/admin/users/managers/:id', managers],
  ['PUT', '/api/admin/users/managers/:id/role', managers],
  ['PUT', '/api/admin/users/managers/:id/activate', managers],

  ['GET', '/api/admin/dashboard', staff],
  ['GET', '/api/admin/dashboard/stats', staff],
  ['GET', '/api/admin/dashboard/activity', staff],
  ['GET', '/api/admin/user-automations', staff],
  ['GET', '/api/admin/audit', staff],
  ['GET', '/api/admin/usage/stats', staff],
  ['GET', '/api/admin/usage/export', staff],
  ['GET', '/api/admin/usage/:user_id', staff],
  ['POST', '/api/admin/usage/:id/reverse', admins],
  ['POST', '/api/admin/tokens/adjust', admins],
  ['GET', '/api/admin/tokens/history', staff],
  ['GET', '/api/admin/tokens/stats', staff],

  ['GET', '/api/admin/system/status', staff],
  ['GET', '/api/admin/performance', staff],
  ['GET', '/api/admin/performance/slow-queries', staff],
  ['POST', '/api/admin/performance/slow-queries/:name/explain', admins],
  ['GET', '/api/admin/performance/findings', admins],
  ['POST', '/api/admin/performance/findings/:id/apply', managers],
  ['POST', '/api/admin/performance/undo', managers],

  ['GET', '/api/admin/automations', staff],
  ['POST', '/api/admin/automations', admins],
  ['GET', '/api/admin/automations/:id', staff],
  ['PUT', '/api/admin/automations/:id', admins],
  ['DELETE', '/api/admin/automations/:id', admins],
  ['POST', '/api/admin/automations/:id/generate-service-token', admins],
  ['POST', '/api/admin/automations/:id/rotate-token', admins],
  ['GET', '/api/admin/automations/:id/service-tokens', staff],
  ['DELETE', '/api/admin/automations/:id/service-tokens/:tokenId', admins],
  ['POST', '/api/admin/automations/:id/health-check', admins],
]

const named = (method: string, path: string) => `${method} ${path}`

/** An id that nothing has. */
const urlOf = (path: string) => path.replaceAll(/:\w+/g, '900000001')

function call(client: Client, method: string, path: string, headers: Record<string, string> = {}) {
  return client.call(method, urlOf(path), method === 'GET' ? undefined : {}, headers)
}

/** As a caller who has done nothing before: some of the routes end their caller's session. */
async function callAs(
  zimmer: TestZimmer,
  caller: Caller,
  method: string,
  path: string,
  serviceToken: string,
) {
  const isUser = caller !== 'nobody' && caller !== 'service'
  const user = await zimmer.user(isUser ? caller : 'customer')
  // To refresh anyone may ask, and this is what they are asked for.
  const cookie = { cookie: `refresh_token=${user.refreshToken}` }
  if (caller === 'service') return call(zimmer.service({ serviceToken }), method, path, cookie)
  return call(isUser ? user.client : zimmer.anyone, method, path, cookie)
}

describe('the policy table', () => {
  test('names every route, once, and none that is not there', async () => {
    await using zimmer = await testZimmer('sqlite')
    const routes = allRoutes(zimmer.app).map(({ method, path }) => named(method, path))
    expect(POLICY.map(([method, path]) => named(method, path)).sort()).toEqual(routes.sort())
  })
})

describe.each(databases)('every route, asked by every caller, on %s', (database) => {
  test('answers whom the table names and refuses all others', async () => {
    await using zimmer = await testZimmer(database)
    const { serviceToken } = await zimmer.automation()
    const wrong: string[] = []
    for (const [method, path, who] of POLICY) {
      const replies = await Promise.all(
        CALLERS.map((caller) => callAs(zimmer, caller, method, path, serviceToken)),
      )
      replies.forEach(({ status, text }, index) => {
        const caller = CALLERS[index] as Caller
        // A user is known and may not; whoever shows no credentials of the right kind is not known.
        const isKnown = !who.includes('service') && users.some((user) => user === caller)
        const fine = who.includes(caller)
          ? status < 500 && status !== 401 && status !== 403
          : status === (isKnown ? 403 : 401)
        if (!fine) wrong.push(`${named(method, path)} by ${caller}: ${status} ${text}`)
      })
    }
    expect(wrong).toEqual([])
  })

  test('refuses whoever has signed out, has been deactivated, or comes with a token that was revoked', async () => {
    await using zimmer = await testZimmer(database)
    const signedOut = await zimmer.user('manager')
    const deactivated = await zimmer.user('manager')
    const manager = await zimmer.as('manager')
    const service = await zimmer.automation()
    expect((await signedOut.client.post('/api/auth/logout')).status).toBe(200)
    const deactivate = await manager.delete(`/api/admin/users/managers/${deactivated.userId}`)
    expect(deactivate.status).toBe(200)
    const tokens = `/api/admin/automations/${service.automationId}/service-tokens`
    const [{ id }] = (await manager.get(tokens)).body.service_tokens
    expect((await manager.delete(`${tokens}/${id}`)).status).toBe(200)
    const refused = [signedOut.client, deactivated.client, zimmer.service(service)]
    const wrong: string[] = []
    for (const [method, path, who] of POLICY.filter(([, , who]) => who !== anyone)) {
      for (const { status } of await Promise.all(refused.map((client) => call(client, method, path)))) {
        if (status !== 401) wrong.push(`${named(method, path)} (${who}): ${status}`)
      }
    }
    expect(wrong).toEqual([])
  })
})
