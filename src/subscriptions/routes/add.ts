import Type from 'typebox'
import { callers } from '../../accounts/callers.ts'
import type { App } from '../../app.ts'
import { type Route, route } from '../../http/route.ts'
import { sealBotToken } from '../bot-token.ts'
import { notAdded, subscriptionTo } from '../list.ts'
import { subscribe } from '../subscribe.ts'
import { updateSubscription } from '../update.ts'
import {
  AutomationOfMine,
  automationOf,
  BotToken,
  Id,
  idParam,
  TAG,
  UserAutomation,
  userAutomation,
} from './shapes.ts'

const Added = Type.Object({
  message: Type.String(),
  user_automation: UserAutomation,
  automation: AutomationOfMine,
})
const bot = { telegram_bot_token: Type.Optional(BotToken) }

export function addRoutes(app: App): Route[] {
  const { signedIn } = callers(app)
  const read = async (userId: number, automationId: number, message: string) => {
    const found = await subscriptionTo(app.db, { userId, automationId }, app.clock())
    if (!found) throw notAdded()
    return { message, user_automation: userAutomation(found, userId), automation: automationOf(found) }
  }
  const add = async (userId: number, automationId: number, telegramBotToken: string | null | undefined) => {
    const sealedBotToken = sealBotToken(app.config.jwtSecret, userId, telegramBotToken)
    await app.write((tx) => subscribe(tx, { userId, automationId, sealedBotToken }))
    return read(userId, automationId, 'The automation is added')
  }
  return [
    route({
      method: 'POST',
      path: '/api/user/automations',
      summary: 'Add an automation; the first time with its demo tokens',
      tag: TAG,
      caller: signedIn,
      body: Type.Object({ automation_id: Id, ...bot }, { additionalProperties: false }),
      reply: Added,
      status: 201,
      targetMs: 1_000,
      handle: ({ caller, body }) => add(caller.userId, body.automation_id, body.telegram_bot_token),
    }),
    route({
      method: 'POST',
      path: '/api/user/automations/:id',
      summary: 'The same, with the automation in the path',
      tag: TAG,
      caller: signedIn,
      params: idParam('The automation'),
      body: Type.Object(bot, { additionalProperties: false }),
      reply: Added,
      status: 201,
      targetMs: 1_000,
      handle: ({ caller, params, body }) => add(caller.userId, params.id, body.telegram_bot_token),
    }),
    route({
      method: 'PUT',
      path: '/api/user/automations/:id',
      summary: 'Change my bot token, pause or resume',
      tag: TAG,
      caller: signedIn,
      params: idParam('The user automation'),
      body: Type.Object(
        { ...bot, status: Type.Optional(Type.Enum(['active', 'paused'])) },
        { additionalProperties: false, minProperties: 1 },
      ),
      reply: Added,
      targetMs: 1_000,
      handle: async ({ caller: { userId }, params: { id }, body }) => {
        const sealedBotToken = sealBotToken(app.config.jwtSecret, userId, body.telegram_bot_token)
        const change = { sealedBotToken, status: body.status }
        const changed = await app.write((tx) => updateSubscription(tx, { id, userId, ...change }))
        return read(userId, changed.automation_id, 'The subscription is changed')
      },
    }),
  ]
}
