import { describe, expect, test } from 'bun:test'
import { Statements } from '../../test/statements.ts'
import { databases, type TestZimmer, testZimmer, times } from '../../test/zimmer.ts'
import { SECOND_MS } from '../lib/time.ts'

function replies({ app }: TestZimmer) {
  const cache = app.caches.all.find(({ name }) => name === 'responses')
  if (!cache) throw new Error('no replies are kept')
  return cache
}

describe.each(databases)('cached replies on %s', (database) => {
  test('the second time the database is not asked, nor for a 304', async () => {
    const statements = new Statements()
    await using zimmer = await testZimmer(database, { onStatement: statements.seen })
    const { client } = await zimmer.user('customer', { name: 'Alice' })
    const first = await client.get('/api/me')
    const etag = first.headers.get('etag') as string
    const sent = await statements.during(async () => {
      const again = await client.get('/api/me')
      expect(again).toMatchObject({ status: 200, text: first.text })
      expect(again.headers.get('etag')).toBe(etag)
      expect(again.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'))
      for (const match of [etag, `"other", ${etag}`]) {
        const held = await client.get('/api/me', { 'if-none-match': match })
        expect(held).toMatchObject({ status: 304, text: '' })
        expect(held.headers.get('etag')).toBe(etag)
      }
    })
    expect(sent).toEqual([])
  })

  test('everybody gets their own, and nobody the one of somebody who is signed out', async () => {
    await using zimmer = await testZimmer(database, { alone: true })
    const [alice, bob] = [await zimmer.user('customer'), await zimmer.user('customer')]
    for (let round = 0; round < 2; round++) {
      expect((await alice.client.get('/api/me')).body.id).toBe(alice.userId)
      expect((await bob.client.get('/api/me')).body.id).toBe(bob.userId)
      expect((await zimmer.anyone.get('/api/me')).status).toBe(401)
      expect((await alice.client.get('/api/me')).headers.get('cache-control')).toBe('no-store')
    }
    await alice.client.post('/api/auth/logout', {})
    expect((await alice.client.get('/api/me')).status).toBe(401)
  })

  test('its time is over when it is over', async () => {
    const statements = new Statements()
    await using zimmer = await testZimmer(database, { onStatement: statements.seen })
    const look = () => zimmer.anyone.get('/api/automations/marketplace')
    zimmer.clock.stop()
    await look()
    zimmer.clock.advance(599 * SECOND_MS)
    expect(await statements.during(look)).toHaveLength(0)
    zimmer.clock.advance(1 * SECOND_MS)
    expect(await statements.during(look)).toHaveLength(1)
  })

  test('a query of its own has a reply of its own; a wrong one is refused each time', async () => {
    await using zimmer = await testZimmer(database, { alone: true })
    await zimmer.automation({ name: 'One' })
    await zimmer.automation({ name: 'Two' })
    const path = '/api/automations/marketplace'
    for (let round = 0; round < 2; round++) {
      const page = await zimmer.anyone.get(`${path}?limit=1`)
      expect(page.body).toMatchObject([{ name: 'One' }])
      expect(page.headers.get('link')).toContain('rel="next"')
      expect((await zimmer.anyone.get(path)).body).toHaveLength(2)
      expect((await zimmer.anyone.get(`${path}?limit=0`)).status).toBe(422)
      expect((await zimmer.anyone.get('/api/automations/999999')).status).toBe(404)
      const { client } = await zimmer.user()
      expect((await client.get('/api/me?x=1')).status).toBe(422)
    }
  })

  test('what is long is sent as the client can read it, from the cache too', async () => {
    await using zimmer = await testZimmer(database, { alone: true })
    const description = 'A long description. '.repeat(20)
    for (let i = 0; i < 10; i++) await zimmer.automation({ description })
    for (let round = 0; round < 2; round++) {
      for (const encoding of ['br', 'gzip', 'identity']) {
        const response = await fetch(`${zimmer.url}/api/automations/marketplace`, {
          headers: { 'accept-encoding': encoding },
        })
        expect(response.headers.get('content-encoding')).toBe(encoding === 'identity' ? null : encoding)
        expect(response.headers.get('vary') ?? '').toContain(encoding === 'identity' ? '' : 'accept-encoding')
        expect(await response.json()).toHaveLength(10)
      }
    }
  })

  test('however a query is spelt, it is one reply', async () => {
    await using zimmer = await testZimmer(database, { alone: true })
    const cache = replies(zimmer)
    const path = '/api/automations/marketplace'
    const before = cache.size
    for (const query of ['limit=50', 'limit=050', '%6cimit=50', 'limit=%350', '&limit=50&']) {
      expect((await zimmer.anyone.get(`${path}?${query}`)).status).toBe(200)
      expect([query, cache.size]).toEqual([query, before + 1])
    }
    for (const query of ['limit=50&x=1', 'limit=50&limit=50', 'Limit=50']) {
      expect([query, (await zimmer.anyone.get(`${path}?${query}`)).status]).toEqual([query, 422])
    }
    expect(cache.size).toBe(before + 1)
    await zimmer.anyone.get(`${path}?limit=49`)
    expect(cache.size).toBe(before + 2)
  })

  test('all forms of a reply count as memory, in bytes', async () => {
    await using zimmer = await testZimmer(database, { alone: true })
    const cache = replies(zimmer)
    const description = 'یک توضیح بلند. '.repeat(20)
    for (let i = 0; i < 10; i++) await zimmer.automation({ description })
    const get = async (encoding: string) => {
      const headers = { 'accept-encoding': encoding }
      const response = await fetch(`${zimmer.url}/api/automations/marketplace`, { headers })
      return (await response.arrayBuffer()).byteLength
    }
    const sizes = [cache.bytes]
    for (const encoding of ['identity', 'gzip', 'br', 'br']) {
      const length = await get(encoding)
      sizes.push(cache.bytes)
      if (encoding === 'identity') expect(cache.bytes).toBeGreaterThanOrEqual(length)
    }
    const [nothing, plain, gzip, brotli, again] = sizes as [number, number, number, number, number]
    expect([plain > nothing, gzip > plain, brotli > gzip, again]).toEqual([true, true, true, brotli])
  })

  test('the API’s description is made once', async () => {
    await using zimmer = await testZimmer(database, { alone: true })
    const cache = replies(zimmer)
    const first = await zimmer.anyone.get('/openapi.json')
    const { hits } = cache.counts
    expect((await zimmer.anyone.get('/openapi.json')).text).toBe(first.text)
    expect(cache.counts.hits).toBe(hits + 1)
  })

  test('many at once ask the database once', async () => {
    const statements = new Statements()
    await using zimmer = await testZimmer(database, { onStatement: statements.seen })
    const { client } = await zimmer.user()
    await client.get('/api/user/usage')
    const sent = await statements.during(() => times(50, () => client.get('/api/me')))
    expect(sent).toHaveLength(1)
  })

  test('what a customer sees of their tokens is never from before a consume, an adjustment or an expiry', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 100 })
    const manager = await zimmer.as('manager')
    const left = async () => (await alice.client.get('/api/user/dashboard')).body.total_paid_tokens
    for (let spent = 1; spent <= 20; spent++) {
      await zimmer.consume(alice)
      expect(await left()).toBe(100 - spent)
    }
    const adjustment = { user_automation_id: alice.userAutomationId, delta_tokens: -30, reason: 'mistake' }
    await manager.post('/api/admin/tokens/adjust', adjustment)
    expect(await left()).toBe(50)
    zimmer.clock.stop()
    await zimmer.app.write((tx) =>
      tx
        .updateTable('lots')
        .set({ expires_at: tx.now + 60 * SECOND_MS })
        .where('user_automation_id', '=', alice.userAutomationId)
        .execute()
        .then(() => tx.touch(`tokens:${alice.userId}`, `balance:${alice.userAutomationId}`)),
    )
    expect(await left()).toBe(50)
    zimmer.clock.advance(59 * SECOND_MS)
    expect(await left()).toBe(50)
    zimmer.clock.advance(1 * SECOND_MS)
    expect(await left()).toBe(0)
  })
})
