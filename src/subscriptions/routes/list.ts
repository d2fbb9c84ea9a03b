import Type from 'typebox'
import { callers } from '../../accounts/callers.ts'
import type { App } from '../../app.ts'
import { afterId, cursorOf, limitOf, pageQuery } from '../../http/page.ts'
import { type Outgoing, type Route, route } from '../../http/route.ts'
import { cut } from '../../lib/keyset.ts'
import { notAdded, subscriptionsOf, subscriptionTo } from '../list.ts'
import {
  AutomationOfMine,
  automationOf,
  idParam,
  Mine,
  MyActive,
  mine,
  myActive,
  TAG,
  UserAutomation,
  userAutomation,
} from './shapes.ts'

const PAGE = 100

interface Asked {
  path: string
  userId: number
  onlyActive: boolean
  query: { limit?: number; cursor?: string }
  reply: Outgoing
}

export function listRoutes(app: App): Route[] {
  const { signedIn } = callers(app)
  const list = async ({ path, userId, onlyActive, query, reply }: Asked) => {
    const limit = limitOf(query, PAGE)
    const page = { userId, onlyActive, after: afterId(query), limit: limit + 1 }
    const { rows, last } = cut(await subscriptionsOf(app.db, page, app.clock()), limit)
    // The contract's array has no place for a cursor.
    if (last) reply.header('link', `<${path}?limit=${limit}&cursor=${cursorOf(last.id)}>; rel="next"`)
    return rows
  }
  const query = Type.Object(pageQuery, { additionalProperties: false })
  return [
    route({
      method: 'GET',
      path: '/api/user/automations',
      summary: 'The automations that I have added, with what is left on each',
      tag: TAG,
      caller: signedIn,
      query,
      reply: Type.Array(Mine),
      targetMs: 1_000,
      handle: async ({ caller: { userId }, query, reply }) => {
        const path = '/api/user/automations'
        return (await list({ path, userId, onlyActive: false, query, reply })).map(mine)
      },
    }),
    route({
      method: 'GET',
      path: '/api/user/automations/active',
      summary: 'Those of them that are active',
      tag: TAG,
      caller: signedIn,
      query,
      reply: Type.Array(MyActive),
      targetMs: 1_000,
      handle: async ({ caller: { userId }, query, reply }) => {
        const path = '/api/user/automations/active'
        return (await list({ path, userId, onlyActive: true, query, reply })).map(myActive)
      },
    }),
    route({
      method: 'GET',
      path: '/api/user/automations/:id',
      summary: 'Whether I may use an automation',
      tag: TAG,
      caller: signedIn,
      params: idParam('The automation'),
      reply: Type.Object({
        has_access: Type.Boolean(),
        message: Type.Optional(Type.String()),
        automation: Type.Optional(AutomationOfMine),
        user_automation: Type.Optional(UserAutomation),
      }),
      targetMs: 1_000,
      handle: async ({ caller: { userId }, params }) => {
        const wanted = { userId, automationId: params.id }
        const found = await subscriptionTo(app.db, wanted, app.clock())
        if (!found) return { has_access: false, message: notAdded().message }
        const has_access = found.status === 'active'
        return {
          has_access,
          ...(has_access ? {} : { message: `Your subscription is ${found.status}` }),
          automation: automationOf(found),
          user_automation: userAutomation(found, userId),
        }
      },
    }),
  ]
}
