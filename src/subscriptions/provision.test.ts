import { describe, expect, test } from 'bun:test'
import { AutomationService } from '../../test/automation-service.ts'
import { count, databases, type TestZimmer, testZimmer, times } from '../../test/zimmer.ts'
import { seal } from '../lib/sealed.ts'
import { outcomeOf } from './provision.ts'

const LIST = '/api/user/automations'
const provision = (id: number) => `${LIST}/${id}/provision`

/** A service that knows one token, as a real one does. */
class Provisioned extends AutomationService {
  token = ''
  webhook: unknown = 'https://service.example/hook?key=1'

  constructor() {
    super({
      '/provision': (request) =>
        request.headers.get('x-zimmer-service-token') === this.token
          ? Response.json({ success: true, message: 'Ready', webhook_url: this.webhook })
          : Response.json({ detail: 'Only Zimmer may provision.' }, { status: 401 }),
    })
  }
}

async function subscribed(zimmer: TestZimmer, service: AutomationService, path = '/provision') {
  const automation = await zimmer.automation({ provisionUrl: service.url(path) })
  if (service instanceof Provisioned) service.token = automation.serviceToken
  return zimmer.customer({ automation })
}

const mine = async ({ client }: { client: { get(path: string): Promise<{ body: unknown[] }> } }) =>
  (await client.get(LIST)).body[0]

describe.each(databases)('POST /api/user/automations/{id}/provision on %s', (database) => {
  test('it works', async () => {
    await using zimmer = await testZimmer(database)
    await using service = new Provisioned()
    const alice = await subscribed(zimmer, service)
    await alice.client.put(`${LIST}/${alice.userAutomationId}`, { telegram_bot_token: '1:bot' })
    await zimmer.consume(alice, 2)
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
    const { status, body } = await alice.client.post(provision(alice.userAutomationId), {}, { traceparent })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      success: true,
      message: 'Ready',
      webhook_url: 'https://service.example/hook?key=1',
      user_automation: { id: alice.userAutomationId, integration_status: 'connected' },
    })
    expect(service.calls).toHaveLength(1)
    expect(service.calls[0]!.body).toEqual({
      user_automation_id: alice.userAutomationId,
      user_id: alice.userId,
      bot_token: '1:bot',
      demo_tokens: 3,
    })
    expect(service.calls[0]!.headers.get('traceparent')).toBe(traceparent)
    expect(await mine(alice)).toMatchObject({
      integration_status: 'connected',
      webhook_url: 'https://service.example/hook?key=1',
      provisioned_at: expect.stringMatching(/Z$/),
    })
  })

  test('a bot token is sealed where it is kept, and one from before the seal still works', async () => {
    await using zimmer = await testZimmer(database)
    await using service = new Provisioned()
    const alice = await subscribed(zimmer, service)
    const { client, userAutomationId: id } = alice
    const kept = async () =>
      (
        await zimmer.app.db
          .selectFrom('user_automations')
          .select('telegram_bot_token')
          .executeTakeFirstOrThrow()
      ).telegram_bot_token
    const keep = (token: string | null) =>
      zimmer.app.write((tx) =>
        tx.updateTable('user_automations').set({ telegram_bot_token: token }).where('id', '=', id).execute(),
      )
    const shown = async () => {
      const { status, body } = await client.post(provision(id), {})
      return status === 200 ? service.calls.at(-1)?.body : body.detail
    }
    await client.put(`${LIST}/${id}`, { telegram_bot_token: '99:hush' })
    const sealed = await kept()
    expect(sealed).toStartWith('sealed:')
    expect(sealed).not.toContain('hush')
    expect(await shown()).toMatchObject({ bot_token: '99:hush' })

    await keep('7:clear')
    expect(await shown()).toMatchObject({ bot_token: '7:clear' })

    // It was sealed for another customer, or under another secret.
    await keep(`sealed:${seal(zimmer.app.config.jwtSecret, 'telegram_bot_token:0', 'theirs')}`)
    const calls = service.calls.length
    expect(await shown()).toContain('enter it again')
    expect(service.calls).toHaveLength(calls)
    await client.put(`${LIST}/${id}`, { telegram_bot_token: null })
    expect(await shown()).toMatchObject({ bot_token: null })
  })

  test('it works after generating and after rotating, before and after the service has the new token', async () => {
    await using zimmer = await testZimmer(database)
    await using service = new Provisioned()
    const alice = await subscribed(zimmer, service)
    const manager = await zimmer.as('manager')
    const admin = `/api/admin/automations/${alice.automationId}`
    const connect = async () => (await alice.client.post(provision(alice.userAutomationId), {})).status
    for (const path of ['generate-service-token', 'rotate-token']) {
      const { service_token } = (await manager.post(`${admin}/${path}`, {})).body
      expect(await connect()).toBe(200)
      service.token = service_token
      expect(await connect()).toBe(200)
    }
    const last = (await manager.post(`${admin}/rotate-token`, { overlap_seconds: 0 })).body
    const before = service.calls.length
    expect(await connect()).toBe(409)
    expect(service.calls.slice(before).map((call) => call.headers.get('x-zimmer-service-token'))).toEqual([
      last.service_token,
    ])
  })

  test('of ten at once one calls the service', async () => {
    await using zimmer = await testZimmer(database)
    await using service = new Provisioned()
    const answer = service.answers['/provision']!
    const others = Promise.withResolvers<void>()
    service.answers['/provision'] = async (request) => {
      await others.promise
      return answer(request)
    }
    const alice = await subscribed(zimmer, service)
    let answered = 0
    const replies = await times(10, async () => {
      const reply = await alice.client.post(provision(alice.userAutomationId), {})
      if (++answered === 9) others.resolve()
      return reply
    })
    expect(count(replies, 200)).toBe(1)
    expect(count(replies, 409)).toBe(9)
    expect(replies.find((reply) => reply.status === 409)!.body.code).toBe('provisioning_under_way')
    expect(service.count('/provision')).toBe(1)
  })

  test('a claim that a dead process left behind holds for a minute', async () => {
    await using zimmer = await testZimmer(database)
    await using service = new Provisioned()
    const alice = await subscribed(zimmer, service)
    await zimmer.app.write((tx) =>
      tx.updateTable('user_automations').set({ integration_status: 'pending', updated_at: tx.now }).execute(),
    )
    expect((await alice.client.post(provision(alice.userAutomationId), {})).status).toBe(409)
    zimmer.clock.advance(60_001)
    expect((await alice.client.post(provision(alice.userAutomationId), {})).status).toBe(200)
  })

  test('a refusal is told in plain words, and can be tried again', async () => {
    await using zimmer = await testZimmer(database)
    const markup = { success: false, message: `<b onclick="x()">No</b>\n bots\0 ${'!'.repeat(1_000)}` }
    const answers = [
      () => Response.json(markup),
      () => new Response('<html><script>alert(1)</script></html>', { status: 200 }),
      () => Response.json({ message: 'down' }, { status: 500 }),
      () => Response.json({ success: true, webhook_url: 'javascript:alert(1)' }),
      () => Response.json({ success: true, webhook_url: 'https://service.example/\0' }),
      () => Response.json({ success: true, webhook_url: 'https://service.example/\n' }),
      () => Response.redirect('/elsewhere', 307),
      () => new Response('x'.repeat(100_000)),
    ]
    let next = answers[0]!
    await using service = new AutomationService({ '/provision': () => next() })
    const alice = await subscribed(zimmer, service)
    for (const answer of answers) {
      next = answer
      const { status, body } = await alice.client.post(provision(alice.userAutomationId), {})
      expect([status, body.code]).toEqual([409, 'provisioning_failed'])
      expect(body.detail.length).toBeLessThan(300)
      expect(body.detail).not.toMatch(/[<>\0]/)
      expect(await mine(alice)).toMatchObject({ integration_status: 'failed', webhook_url: null })
    }
    expect(service.count('/elsewhere')).toBe(0)
    next = () => Response.json({ success: true })
    const { status, body } = await alice.client.post(provision(alice.userAutomationId), {})
    expect([status, body.webhook_url]).toEqual([200, null])
  })

  test('a private address is not called, and neither it nor the token is shown', async () => {
    await using zimmer = await testZimmer(database, { config: { allowPrivateUrls: false } })
    await using service = new Provisioned()
    const alice = await subscribed(zimmer, service)
    const { status, body, text } = await alice.client.post(provision(alice.userAutomationId), {})
    expect([status, body.code]).toEqual([409, 'provisioning_failed'])
    expect(text).not.toContain('127.0.0.1')
    expect(service.calls).toEqual([])
  })

  test('a failure leaves what an earlier success brought', async () => {
    await using zimmer = await testZimmer(database)
    await using service = new Provisioned()
    const alice = await subscribed(zimmer, service)
    await alice.client.post(provision(alice.userAutomationId), {})
    service.answers['/provision'] = () => new Response('', { status: 500 })
    await alice.client.post(provision(alice.userAutomationId), {})
    expect(await mine(alice)).toMatchObject({
      integration_status: 'failed',
      webhook_url: 'https://service.example/hook?key=1',
    })
  })

  test('without a token, a provision URL, or an active subscription there is a clear refusal', async () => {
    await using zimmer = await testZimmer(database)
    await using service = new Provisioned()
    const alice = await subscribed(zimmer, service)
    const code = async () => (await alice.client.post(provision(alice.userAutomationId), {})).body.code
    await alice.client.put(`${LIST}/${alice.userAutomationId}`, { status: 'paused' })
    expect(await code()).toBe('subscription_not_active')
    await alice.client.put(`${LIST}/${alice.userAutomationId}`, { status: 'active' })
    await zimmer.app.write((tx) => tx.updateTable('service_tokens').set({ revoked_at: tx.now }).execute())
    expect(await code()).toBe('provisioning_failed')
    await zimmer.app.write((tx) => tx.updateTable('automations').set({ provision_url: null }).execute())
    expect(await code()).toBe('not_provisionable')
    expect(await mine(alice)).toMatchObject({ integration_status: 'failed' })
    expect(service.calls).toEqual([])
  })

  test('another’s subscription is not there, and bad input is refused', async () => {
    await using zimmer = await testZimmer(database)
    await using service = new Provisioned()
    const alice = await subscribed(zimmer, service)
    const bob = await zimmer.as('customer')
    expect((await bob.post(provision(alice.userAutomationId), {})).status).toBe(404)
    expect((await bob.post(provision(12_345), {})).status).toBe(404)
    expect((await alice.client.post(provision(0), {})).status).toBe(422)
    expect((await alice.client.post(provision(alice.userAutomationId), { url: 'http://x' })).status).toBe(422)
    expect((await zimmer.anyone.post(provision(alice.userAutomationId), {})).status).toBe(401)
    expect(service.calls).toEqual([])
  })
})

describe('outcomeOf', () => {
  test.each([
    [
      { status: 200, body: '{"success":true,"message":"Fine"}' },
      { webhookUrl: null, message: 'Fine' },
    ],
    [
      { status: 201, body: '{"success":true}' },
      { webhookUrl: null, message: 'The service is connected' },
    ],
    [{ status: 200, body: '{"success":"yes"}' }, { failure: 'it refused' }],
    [{ status: 200, body: 'fine' }, { failure: 'its answer is no JSON object' }],
    [{ status: 403, body: '{"detail":"No"}' }, { failure: 'it answered HTTP 403: No' }],
    [
      { status: 200, body: '{"success":true,"webhook_url":5}' },
      { failure: 'its webhook_url is no http:// or https:// address' },
    ],
  ])('%j is %j', (answer, outcome) => {
    expect(outcomeOf(answer)).toEqual(outcome)
  })
})
