import { describe, expect, test } from 'bun:test'
import { CONSUME, count, databases, testZimmer, times } from '../../test/zimmer.ts'
import { DAY_MS } from '../lib/time.ts'
import { grant } from './ledger.ts'

describe.each(databases)('POST /api/automation-usage/consume on %s', (database) => {
  test('it works', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 10, demoTokens: 3 })
    const reply = await zimmer.consume(alice, 5)
    expect(reply.status).toBe(200)
    expect(reply.body).toEqual({
      accepted: true,
      remaining_demo_tokens: 0,
      remaining_paid_tokens: 8,
      message: 'Tokens consumed',
      code: null,
      usage_id: 1,
    })
    expect(await zimmer.balance(alice)).toBe(8)
    const rows = await zimmer.app.db.selectFrom('token_usage').selectAll().execute()
    expect(rows).toMatchObject([{ id: 1, tokens: 5, usage_type: 'test', demo_after: 0, paid_after: 8 }])
    expect(JSON.parse(rows[0]!.split as string).map(([, tokens]: number[]) => tokens)).toEqual([3, 2])
  })

  test('200 at once on a balance of 100: exactly 100 are accepted', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 100 })
    const replies = await times(200, () => zimmer.consume(alice))
    expect(count(replies, 200)).toBe(200)
    expect(replies.filter((reply) => reply.body.accepted)).toHaveLength(100)
    expect(new Set(replies.map((reply) => reply.body.usage_id)).size).toBe(101)
    expect(await zimmer.balance(alice)).toBe(0)
    const rows = await zimmer.app.db.selectFrom('token_usage').select('tokens').execute()
    expect(rows).toHaveLength(100)
  })

  test('whatever the number that comes at once, all are answered', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 100_000 })
    for (const many of [8, 32, 33, 64, 7, 31, 32]) {
      const replies = await times(many, () => zimmer.consume(alice))
      expect(count(replies, 200)).toBe(many)
    }
  })

  test('the same key 200 times at once spends once and gets 200 identical answers', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 100 })
    const replies = await times(200, () => zimmer.consume(alice, 7, 'one'))
    expect(new Set(replies.map((reply) => reply.text)).size).toBe(1)
    expect(replies[0]?.body).toMatchObject({ accepted: true, remaining_paid_tokens: 93 })
    expect(await zimmer.balance(alice)).toBe(93)
    const again = await zimmer.consume(alice, 7, 'one')
    expect(again.text).toBe(replies[0]!.text)
    expect(await zimmer.app.db.selectFrom('token_usage').select('id').execute()).toHaveLength(1)
  })

  test('a key with other contents is a conflict, on its way and in the tables', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 100 })
    const bob = await zimmer.customer({ paidTokens: 100, automation: alice })
    const replies = await times(20, (i) =>
      zimmer.consume(i % 2 ? alice : bob, 1, 'k', { meta: { b: 1, a: [2] } }),
    )
    expect(count(replies, 200)).toBe(10)
    expect(count(replies, 409)).toBe(10)
    for (const fields of [{ units: 2 }, { meta: { a: 1 } }, { usage_type: 'other' }]) {
      const other = await zimmer.consume(replies[1]?.status === 200 ? alice : bob, 1, 'k', fields)
      expect(other.status).toBe(409)
      expect(other.body.code).toBe('key_reused')
    }
    const reordered = await zimmer.consume(replies[1]?.status === 200 ? alice : bob, 1, 'k', {
      meta: { a: [2], b: 1 },
    })
    expect(reordered.status).toBe(200)
  })

  test('a refusal spends nothing and binds no key', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 3 })
    const refused = await zimmer.consume(alice, 4, 'later')
    expect(refused.body).toEqual({
      accepted: false,
      remaining_demo_tokens: 0,
      remaining_paid_tokens: 3,
      message: 'Not enough tokens',
      code: 'tokens_insufficient',
      usage_id: null,
    })
    await zimmer.app.write((tx) => grant(tx, { ...alice, kind: 'paid', tokens: 1 }))
    expect((await zimmer.consume(alice, 4, 'later')).body.accepted).toBe(true)
    expect(await zimmer.balance(alice)).toBe(0)
  })

  test('lots burn by priority, then earlier expiry, then age; expiry needs no job', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ demoTokens: 1 })
    const now = zimmer.clock.now()
    await zimmer.app.write(async (tx) => {
      await grant(tx, { ...alice, kind: 'paid', tokens: 10 })
      await grant(tx, { ...alice, kind: 'paid', tokens: 10, expiresAt: now + 2 * DAY_MS })
      await grant(tx, { ...alice, kind: 'promotional', tokens: 10, expiresAt: now + DAY_MS })
    })
    expect((await zimmer.consume(alice, 13)).body).toMatchObject({
      accepted: true,
      remaining_paid_tokens: 18,
    })
    const left = async () =>
      (await zimmer.app.db.selectFrom('lots').select('remaining').orderBy('id').execute()).map(
        (l) => l.remaining,
      )
    expect(await left()).toEqual([0, 10, 8, 0])
    zimmer.clock.advance(3 * DAY_MS)
    expect(await zimmer.balance(alice)).toBe(10)
    expect((await zimmer.consume(alice, 11)).body.accepted).toBe(false)
    expect((await zimmer.consume(alice, 10)).body.accepted).toBe(true)
    expect(await left()).toEqual([0, 0, 8, 0])
  })

  test('tokens that arrive while consumes race are spent exactly', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 10 })
    const replies = times(150, () => zimmer.consume(alice))
    await times(10, () => zimmer.app.write((tx) => grant(tx, { ...alice, kind: 'paid', tokens: 5 })))
    const spent = (await replies).filter((reply) => reply.body.accepted).length
    expect(await zimmer.balance(alice)).toBe(60 - spent)
  })

  test('a paused subscription and a deactivated user spend nothing', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 10 })
    await zimmer.app.write(async (tx) => {
      await tx.updateTable('user_automations').set({ status: 'paused' }).execute()
      tx.touch(`balance:${alice.userAutomationId}`)
    })
    expect((await zimmer.consume(alice)).body).toMatchObject({
      accepted: false,
      message: 'The subscription is not active',
    })
  })

  test("another service's subscription is as missing as none", async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 10 })
    const other = await zimmer.automation()
    const replies = [
      await zimmer.consume({ ...alice, ...other, userAutomationId: alice.userAutomationId }),
      await zimmer.consume({ ...alice, userAutomationId: 999_999 }),
    ]
    for (const reply of replies) {
      expect(reply.status).toBe(404)
      expect(reply.body.code).toBe('no_such_subscription')
    }
    expect(await zimmer.balance(alice)).toBe(10)
  })

  test.each([
    ['no units', { units: undefined }],
    ['zero units', { units: 0 }],
    ['negative units', { units: -1 }],
    ['half a unit', { units: 0.5 }],
    ['units as text', { units: '1' }],
    ['more than there can be', { units: 1e15 }],
    ['units out of all range', { units: '1e400' }],
    ['no usage type', { usage_type: undefined }],
    ['a long usage type', { usage_type: 'x'.repeat(65) }],
    ['an unknown field', { balance: 100 }],
    ['meta that is a list', { meta: [1] }],
    ['meta that is long', { meta: { a: 'x'.repeat(3_000) } }],
    ['meta that is deep', { meta: { a: [[[[[[[[[1]]]]]]]]] } }],
  ])('%s is refused and spends nothing', async (_, fields) => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 10 })
    const reply = await zimmer.consume(alice, 1, undefined, fields)
    expect(reply.status).toBe(422)
    expect(reply.body.errors[0].field).toBe(Object.keys(fields)[0])
    expect(await zimmer.balance(alice)).toBe(10)
  })

  test('what is no JSON, no UTF-8, too large or of another type is refused', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 10 })
    const service = zimmer.service(alice)
    expect((await service.post(CONSUME, '{"units": NaN}')).body.code).toBe('invalid_json')
    expect((await service.post(CONSUME, '['.repeat(10_000))).status).toBe(400)
    expect((await service.post(CONSUME, `${'['.repeat(10_000)}${']'.repeat(10_000)}`)).status).toBe(422)
    expect((await service.post(CONSUME, 'x'.repeat(10_000_000))).status).toBe(413)
    expect((await service.post(CONSUME, 'units=1', { 'content-type': 'text/plain' })).status).toBe(415)
    expect((await zimmer.consume(alice, 1, 'a b')).status).toBe(422)
    expect((await zimmer.consume(alice, 1, 'x'.repeat(256))).status).toBe(422)
    const broken = await fetch(zimmer.url + CONSUME, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-zimmer-service-token': alice.serviceToken },
      body: new Uint8Array([0x22, 0xff, 0xfe, 0x22]),
    })
    expect(broken.status).toBe(400)
    expect(await zimmer.balance(alice)).toBe(10)
  })

  test('without a service token, or with a wrong one, nothing is revealed', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 10 })
    for (const serviceToken of ['', 'nonsense', `${alice.serviceToken}x`]) {
      const reply = await zimmer.consume({ ...alice, serviceToken, userAutomationId: 999 }, -5)
      expect(reply.status).toBe(401)
    }
    expect((await alice.client.post(CONSUME, {})).status).toBe(401)
  })
})

describe.each(databases)('POST /api/automation-usage/consume/batch on %s', (database) => {
  test('each event has its answer, in order', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 10 })
    const event = (key: string, units: number, id = alice.userAutomationId) => ({
      user_automation_id: id,
      units,
      usage_type: 'batch',
      idempotency_key: key,
    })
    const events = [
      event('a', 4),
      event('b', 7),
      event('a', 4),
      event('a', 5),
      event('c', 1, 999_999),
      { ...event('d', 6), occurred_at: '2026-01-31T12:00:00Z' },
    ]
    const { status, body } = await zimmer.service(alice).post(`${CONSUME}/batch`, { events })
    expect(status).toBe(200)
    expect(body.results.map((result: { accepted: boolean }) => result.accepted)).toEqual([
      true,
      false,
      true,
      false,
      false,
      true,
    ])
    expect(body.results[2]).toEqual(body.results[0])
    expect(body.results[3].code).toBe('key_reused')
    expect(body.results[4].code).toBe('no_such_subscription')
    expect(await zimmer.balance(alice)).toBe(0)
    const again = await zimmer.service(alice).post(`${CONSUME}/batch`, { events })
    expect(again.body.results[5]).toEqual(body.results[5])
  })

  test('ten batches of 1,000 at once spend exactly what there is', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 2_500 })
    const batch = (n: number) => ({
      events: Array.from({ length: 1_000 }, (_, i) => ({
        user_automation_id: alice.userAutomationId,
        units: 1,
        usage_type: 'batch',
        idempotency_key: `${n % 5}-${i}`,
      })),
    })
    const replies = await times(10, (n) => zimmer.service(alice).post(`${CONSUME}/batch`, batch(n)))
    expect(count(replies, 200)).toBe(10)
    expect(await zimmer.balance(alice)).toBe(0)
    const ids = replies.flatMap((reply) =>
      reply.body.results.map((result: { usage_id: number }) => result.usage_id),
    )
    expect(new Set(ids.filter(Boolean)).size).toBe(2_500)
  })

  test('one bad event refuses the whole batch by its field, before anything is spent', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 10 })
    const good = {
      user_automation_id: alice.userAutomationId,
      units: 1,
      usage_type: 'x',
      idempotency_key: 'k',
    }
    for (const [field, event] of [
      ['events.1.units', { ...good, units: -1 }],
      ['events.1.idempotency_key', { ...good, idempotency_key: undefined }],
      ['events.1.occurred_at', { ...good, occurred_at: 'yesterday' }],
    ] as const) {
      const reply = await zimmer.service(alice).post(`${CONSUME}/batch`, { events: [good, event] })
      expect(reply.status).toBe(422)
      expect(reply.body.errors[0].field).toBe(field)
    }
    const many = { events: Array.from({ length: 1_001 }, () => good) }
    expect((await zimmer.service(alice).post(`${CONSUME}/batch`, many)).status).toBe(422)
    expect((await zimmer.service(alice).post(`${CONSUME}/batch`, { events: [] })).status).toBe(422)
    expect(await zimmer.balance(alice)).toBe(10)
  })
})
