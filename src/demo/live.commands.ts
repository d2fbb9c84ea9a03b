import { join } from 'node:path'
import { startSession } from '../accounts/accounts.ts'
import type { App } from '../app.ts'
import { grant } from '../ledger/ledger.ts'
import type { Role } from '../storage/tables.ts'
import { CUSTOMERS, SUMMARIZER } from './cast.ts'
import { addressOf } from './demo.ts'
import { startSummarizer, summarizerIsHere } from './summarizer.ts'
import { type Sender, sendTexts } from './traffic.ts'

const MOST_SENDERS = 12
const PACK_TOKENS = 50

/**
 * Starts the summarizer beside Zimmer and lets customers use it. Everything goes over Zimmer's own API, as an operator
 * and customers would do it; a failure is told and leaves Zimmer running.
 */
export async function openBusiness(app: App, url: string): Promise<{ stop(): Promise<void> }> {
  if (!summarizerIsHere()) {
    console.log(
      'The summarizer is a program of its own and not inside this executable: a checkout runs it too.\n',
    )
    return { stop: async () => {} }
  }
  try {
    return await open(app, url)
  } catch (error) {
    app.log.error({ err: error }, 'the demo runs without its summarizer')
    return { stop: async () => {} }
  }
}

async function open(app: App, url: string) {
  const api = new Api(app, url)
  const { id } = await app.db
    .selectFrom('automations')
    .select('id')
    .where('name', '=', SUMMARIZER)
    .executeTakeFirstOrThrow()
  const manager = await app.db
    .selectFrom('users')
    .select(['id', 'role'])
    .where('role', '=', 'manager')
    .executeTakeFirstOrThrow()
  const asManager = await api.signIn(manager)
  const { service_token: serviceToken } = await asManager<{ service_token: string }>(
    'POST',
    `/api/admin/automations/${id}/rotate-token`,
    { overlap_seconds: 0 },
  )
  const dataDir = join(app.config.dataDir, 'summarizer')
  const summarizer = await startSummarizer({ zimmerUrl: url, serviceToken, dataDir })
  try {
    const urls = {
      provision_url: `${summarizer.url}/provision`,
      health_check_url: `${summarizer.url}/health`,
    }
    await asManager('PUT', `/api/admin/automations/${id}`, urls)
    await asManager('POST', `/api/admin/automations/${id}/health-check`, {})
    const senders = await provisionSome(app, api, id)
    const traffic = sendTexts(senders, (error) =>
      app.log.warn({ err: error }, 'a demo text was not summarised'),
    )
    console.log(`The summarizer works at ${summarizer.url}: ${senders.length} customers send it texts.\n`)
    return {
      stop: async () => {
        traffic.stop()
        await summarizer.stop()
      },
    }
  } catch (error) {
    await summarizer.stop()
    throw error
  }
}

async function provisionSome(app: App, api: Api, automationId: number): Promise<Sender[]> {
  const subscribers = await app.db
    .selectFrom('user_automations as s')
    .innerJoin('users as u', 'u.id', 's.user_id')
    .select(['s.id as subscriptionId', 'u.id', 'u.role', 'u.email'])
    .where('s.automation_id', '=', automationId)
    .where('s.status', '=', 'active')
    .where('u.is_active', '=', 1)
    .orderBy('u.id')
    .limit(MOST_SENDERS)
    .execute()
  const persians = new Set(
    CUSTOMERS.filter(([, , persian]) => persian).map(([, mailbox]) => addressOf(mailbox)),
  )
  const senders: Sender[] = []
  for (const { subscriptionId, email, ...user } of subscribers) {
    const asCustomer = await api.signIn(user)
    const path = `/api/user/automations/${subscriptionId}/provision`
    const { webhook_url: webhookUrl } = await asCustomer<{ webhook_url: string }>('POST', path, {})
    senders.push({
      webhookUrl,
      persian: persians.has(email),
      buy: async () => {
        const pack = {
          userAutomationId: subscriptionId,
          userId: user.id,
          kind: 'paid',
          tokens: PACK_TOKENS,
        } as const
        await app.write((tx) => grant(tx, pack))
      },
    })
  }
  return senders
}

type Call = <Reply>(method: string, path: string, body: object) => Promise<Reply>

/** Zimmer's API as users of the demo call it. */
class Api {
  constructor(
    private readonly app: App,
    private readonly url: string,
  ) {}

  async signIn(user: { id: number; role: Role }): Promise<Call> {
    const device = { ip: null, userAgent: 'zimmer demo' }
    const { accessToken } = await this.app.write((tx) =>
      startSession(tx, this.app.config.jwtSecret, user, device),
    )
    return async <Reply>(method: string, path: string, body: object) => {
      const reply = await fetch(this.url + path, {
        method,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` },
        body: JSON.stringify(body),
      })
      const text = await reply.text()
      if (!reply.ok) throw new Error(`${method} ${path} answered HTTP ${reply.status}: ${text}`)
      return JSON.parse(text) as Reply
    }
  }
}
