import Type from 'typebox'
import { callers } from '../../accounts/callers.ts'
import type { App } from '../../app.ts'
import { showableTokens } from '../../catalogue/catalogue.ts'
import { FetchError, type Fetched, outside, safeFetch } from '../../http/fetch.ts'
import type { Incoming } from '../../http/incoming.ts'
import { type Route, route } from '../../http/route.ts'
import { balancesOf } from '../../ledger/ledger.ts'
import { Refusal } from '../../lib/refusal.ts'
import { SECOND_MS } from '../../lib/time.ts'
import { openBotToken } from '../bot-token.ts'
import { notAdded, subscriptionTo } from '../list.ts'
import { type Claim, claimProvisioning, type Outcome, outcomeOf, settleProvisioning } from '../provision.ts'
import { idParam, TAG, UserAutomation, userAutomation } from './shapes.ts'

/** With the three tokens that are tried at most it stays below a claim's lease. */
const TIMEOUT_MS = 8 * SECOND_MS

export function provisionRoutes(app: App): Route[] {
  const { signedIn } = callers(app)
  return [
    route({
      method: 'POST',
      path: '/api/user/automations/:id/provision',
      summary: 'Have the automation service set up for me',
      tag: TAG,
      caller: signedIn,
      params: idParam('The user automation'),
      body: Type.Object({}, { additionalProperties: false }),
      reply: Type.Object({
        success: Type.Boolean(),
        message: Type.String(),
        webhook_url: Type.Union([Type.String(), Type.Null()]),
        user_automation: UserAutomation,
      }),
      limit: { points: 60, seconds: 60 },
      targetMs: 1_000,
      handle: async ({ caller: { userId }, params: { id }, request }) => {
        const claim = await app.write((tx) => claimProvisioning(tx, { id, userId }))
        const outcome = await callService(app, claim, request)
        await app.write((tx) => settleProvisioning(tx, claim, outcome))
        if ('failure' in outcome) throw failed(outcome.failure)
        const settled = await subscriptionTo(app.db, claim, app.clock())
        if (!settled) throw notAdded()
        return {
          success: true,
          message: outcome.message,
          webhook_url: settled.webhook_url,
          user_automation: userAutomation(settled, userId),
        }
      },
    }),
  ]
}

/** The JWT secret was replaced, or the database was restored without it. */
const UNREADABLE_BOT_TOKEN = 'the bot token can not be read any more; enter it again'

/** Shows the newest live token; a service that doesn't know it yet is shown the ones before. */
async function callService(app: App, claim: Claim, { traceparent }: Incoming): Promise<Outcome> {
  const { automationId, provisionUrl, userAutomationId: id } = claim
  const balances = await balancesOf(app.db, [id], app.clock())
  const { jwtSecret } = app.config
  const { sealedBotToken } = claim
  const botToken = sealedBotToken && openBotToken(jwtSecret, claim.userId, sealedBotToken)
  if (sealedBotToken !== null && botToken === null) return { failure: UNREADABLE_BOT_TOKEN }
  const order = {
    user_automation_id: id,
    user_id: claim.userId,
    bot_token: botToken,
    demo_tokens: balances.get(id)?.demo ?? 0,
  }
  const tokens = await showableTokens(app.db, { automationId, jwtSecret, now: app.clock() })
  let answer: Fetched | undefined
  for (const token of tokens) {
    try {
      answer = await safeFetch(outside(app.config), provisionUrl, {
        method: 'POST',
        headers: { 'x-zimmer-service-token': token },
        body: JSON.stringify(order),
        timeoutMs: TIMEOUT_MS,
        traceparent,
      })
    } catch (error) {
      if (!(error instanceof FetchError)) throw error
      return { failure: unreached(app, claim, error) }
    }
    if (answer.status !== 401 && answer.status !== 403) break
  }
  return answer
    ? outcomeOf(answer)
    : { failure: 'it has no service token yet; its operator must generate one' }
}

/** The customer isn't told where the service runs; the log tells the operator. */
function unreached(app: App, { automationId }: Claim, error: FetchError) {
  app.log.warn({ automationId, err: error }, 'a service could not be provisioned')
  return error.code === 'timed_out' ? 'it did not answer in time' : 'it could not be reached'
}

const failed = (why: string) =>
  new Refusal('conflict', 'provisioning_failed', `The service could not be set up: ${why}`)
