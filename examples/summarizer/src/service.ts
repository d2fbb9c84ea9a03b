import manifest from '../package.json' with { type: 'json' }
import { readFields } from './body.ts'
import { invalid, json, Problem } from './problem.ts'
import { sameSecret } from './secret.ts'
import type { Subscriptions } from './subscriptions.ts'
import { createSummary } from './summaries.ts'
import type { Zimmer } from './zimmer.ts'

export type Service = { zimmer: Zimmer; subscriptions: Subscriptions; publicUrl: string }

type Handle = (request: Request) => Response | Promise<Response>

/** Each may hold a text of megabytes while it waits for Zimmer. */
const mostSummariesAtOnce = 64

/** Answers requests; web standards only, so that any server can carry it. */
export function serviceOf(service: Service): (request: Request) => Promise<Response> {
  let summariesInFlight = 0

  async function limitedSummary(request: Request): Promise<Response> {
    if (summariesInFlight >= mostSummariesAtOnce) {
      const headers = { 'retry-after': '1' }
      throw new Problem(503, 'busy', 'Busy', 'Too many texts at once. Try again in a second.', { headers })
    }
    summariesInFlight++
    try {
      return await createSummary(request, service.subscriptions, service.zimmer)
    } finally {
      summariesInFlight--
    }
  }

  const routes: Record<string, [method: string, handle: Handle]> = {
    '/health': ['GET', health],
    '/provision': ['POST', (request) => provision(request, service)],
    '/summaries': ['POST', limitedSummary],
  }

  return async (request) => {
    try {
      const { pathname } = new URL(request.url)
      const route = Object.hasOwn(routes, pathname) ? routes[pathname] : undefined
      if (!route) throw new Problem(404, 'not_found', 'Not found', 'There is nothing at this address.')
      const [method, handle] = route
      if (request.method === method) return await handle(request)
      const headers = { allow: method }
      throw new Problem(405, 'wrong_method', 'Wrong method', `Use ${method}.`, { headers })
    } catch (error) {
      return (error instanceof Problem ? error : unexpected(error)).toResponse()
    }
  }
}

function health(): Response {
  return json({ status: 'ok', version: manifest.version, uptime: Math.round(process.uptime()) })
}

/**
 * Zimmer announces a subscription, once or several times. The bot token that comes along isn't needed here,
 * so it isn't kept; fields that a later Zimmer may add are no mistake.
 */
async function provision(request: Request, { zimmer, subscriptions, publicUrl }: Service): Promise<Response> {
  if (!sameSecret(request.headers.get('x-zimmer-service-token') ?? '', zimmer.serviceToken)) {
    throw new Problem(401, 'wrong_service_token', 'Wrong service token', 'Only Zimmer may provision.')
  }
  const { user_automation_id: id, user_id: userId } = await readFields(request, 64_000)
  if (!isId(id)) throw invalid({ user_automation_id: 'must be a whole number above 0' })
  if (!isId(userId)) throw invalid({ user_id: 'must be a whole number above 0' })
  const { key } = subscriptions.provision(id, userId)
  return json({
    success: true,
    message: 'Ready: POST a text to the webhook URL. Keep it secret, its key spends your tokens.',
    webhook_url: `${publicUrl}/summaries?key=${key}`,
  })
}

function isId(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0
}

function unexpected(error: unknown): Problem {
  console.error('summarizer: unexpected', error)
  return new Problem(500, 'internal', 'Internal error', 'Something went wrong here; it is in the log.')
}
