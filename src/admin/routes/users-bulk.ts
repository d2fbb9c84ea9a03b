import Type from 'typebox'
import { recordAction, setCustomersActive } from '../../accounts/accounts.ts'
import { callers } from '../../accounts/callers.ts'
import type { App } from '../../app.ts'
import { csvDownload } from '../../http/download.ts'
import { route } from '../../http/route.ts'
import { dayOf, dayText } from '../../lib/time.ts'
import { usersCsv } from '../admin.ts'
import { Id } from './shapes.ts'
import { actorOf, orderOf, usersQuery } from './users-query.ts'

const TAG = 'Staff: users'

/** What is done with many users at once. */
export function usersBulkRoutes(app: App) {
  const { admins } = callers(app)
  return [
    route({
      method: 'GET',
      path: '/api/admin/users/export',
      summary: 'The users whom the filters find as CSV; it stands in the audit trail',
      tag: TAG,
      caller: admins,
      query: Type.Object(usersQuery, { additionalProperties: false }),
      produces: 'text/csv',
      targetMs: 800,
      handle: ({ caller, query, request }) => {
        const { sort, order, ...filters } = query
        const now = app.clock()
        return csvDownload(caller.userId, `users-${dayText(dayOf(now))}.csv`, async () => {
          await app.write((tx) =>
            recordAction(tx, {
              ...actorOf(caller, request),
              action: 'user.export',
              targetType: 'user',
              targetId: null,
              after: query,
            }),
          )
          return usersCsv(app.db, filters, orderOf({ sort, order }), now)
        })
      },
    }),
    route({
      method: 'POST',
      path: '/api/admin/users/bulk-status',
      summary: 'Activate or deactivate several customers; who is deactivated is signed out everywhere',
      tag: TAG,
      caller: admins,
      body: Type.Object(
        { ids: Type.Array(Id, { minItems: 1, maxItems: 100 }), is_active: Type.Boolean() },
        { additionalProperties: false },
      ),
      reply: Type.Object({
        message: Type.String(),
        changed: Type.Array(Id),
        unchanged: Type.Array(Id, { description: 'Were so already, or are no customers' }),
      }),
      targetMs: 800,
      handle: async ({ caller, body, request }) => {
        const ids = [...new Set(body.ids)]
        const change = { userIds: ids, isActive: body.is_active }
        const changed = await app.write((tx) => setCustomersActive(tx, change, actorOf(caller, request)))
        const unchanged = ids.filter((id) => !changed.includes(id))
        return {
          message: `${changed.length} ${body.is_active ? 'activated' : 'deactivated'}`,
          changed,
          unchanged,
        }
      },
    }),
  ]
}
