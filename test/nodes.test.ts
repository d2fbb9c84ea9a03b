import { describe, expect, test } from 'bun:test'
import { until } from './until.ts'
import { databases, testZimmer } from './zimmer.ts'

/** The contract's 100 ms, with a busy machine's pauses. */
const soon = (what: () => boolean | Promise<boolean>) => until(what)

describe.skipIf(!databases.includes('postgres'))('two nodes over one PostgreSQL', () => {
  test('what one changes the other stops serving', async () => {
    await using zimmer = await testZimmer('postgres')
    const other = await zimmer.secondNode()
    const alice = await zimmer.user('customer')
    const there = other.at(alice.client)
    for (let i = 0; i < 3; i++) expect((await there.get('/api/me')).status).toBe(200)
    await alice.client.put('/api/user/profile', { name: 'Alice Renamed' })
    expect(await soon(async () => (await there.get('/api/me')).body.name === 'Alice Renamed')).toBe(true)
    await alice.client.post('/api/auth/logout', {})
    expect(await soon(async () => (await there.get('/api/me')).status === 401)).toBe(true)
  })

  test('balances follow what is consumed elsewhere', async () => {
    await using zimmer = await testZimmer('postgres')
    const other = await zimmer.secondNode()
    const alice = await zimmer.customer({ paidTokens: 100 })
    const there = other.at(alice.client)
    const left = async () => (await there.get('/api/user/dashboard')).body.total_paid_tokens
    for (const wanted of [99, 98, 97]) {
      await left()
      await zimmer.consume(alice)
      expect(await soon(async () => (await left()) === wanted)).toBe(true)
    }
  })

  test('a service token revoked on one is refused by the other', async () => {
    await using zimmer = await testZimmer('postgres')
    const other = await zimmer.secondNode()
    const alice = await zimmer.customer({ paidTokens: 100 })
    const service = other.at(zimmer.service(alice))
    const body = { user_automation_id: alice.userAutomationId, units: 1, usage_type: 'test' }
    const consume = () => service.post('/api/automation-usage/consume', body)
    expect((await consume()).status).toBe(200)
    await zimmer.app.write(async (tx) => {
      await tx.updateTable('service_tokens').set({ revoked_at: tx.now }).execute()
      tx.touch('service-tokens')
    })
    expect(await soon(async () => (await consume()).status === 401)).toBe(true)
  })

  test('one that hears nothing serves nothing from memory, and says so', async () => {
    await using zimmer = await testZimmer('postgres')
    const alice = await zimmer.user('customer')
    await alice.client.get('/api/me')
    const hits = () => zimmer.app.caches.all.reduce((sum, { counts }) => sum + counts.hits, 0)
    const { isTrusted } = zimmer.app.caches
    zimmer.app.caches.isTrusted = () => false
    const before = hits()
    // Changed behind its back: no message tells it.
    await zimmer.app.db.updateTable('users').set({ name: 'Behind' }).where('id', '=', alice.userId).execute()
    expect((await alice.client.get('/api/me')).body.name).toBe('Behind')
    expect(hits()).toBe(before)
    expect((await zimmer.anyone.get('/health')).body).toMatchObject({
      status: 'degraded',
      checks: { cache_bus: 'failed' },
    })
    zimmer.app.caches.isTrusted = isTrusted
  })

  test('a bus whose connections were cut starts over, and nothing from before is served', async () => {
    await using zimmer = await testZimmer('postgres')
    const alice = await zimmer.user('customer')
    const { caches, db } = zimmer.app
    await alice.client.get('/api/me')
    await db.selectNoFrom(({ fn }) => fn<number>('pg_backend_pid', []).as('pid')).execute()
    const { bumpAll } = caches.versions
    const trusted: boolean[] = []
    caches.versions.bumpAll = () => {
      trusted.push(caches.isTrusted())
      bumpAll.call(caches.versions)
    }
    await cutBus(zimmer.app.config.databaseUrl as string)
    expect(await soon(() => trusted.length > 0)).toBe(true)
    expect(trusted[0]).toBe(false)
    await db.updateTable('users').set({ name: 'Meanwhile' }).where('id', '=', alice.userId).execute()
    expect((await alice.client.get('/api/me')).body.name).toBe('Meanwhile')
    expect(await soon(async () => caches.isTrusted())).toBe(true)
    expect((await alice.client.get('/api/me')).body.name).toBe('Meanwhile')
  })
})

async function cutBus(url: string) {
  const admin = new Bun.SQL({ url, max: 1 })
  await admin.unsafe(
    `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'zimmer caches'`,
  )
  await admin.close()
}

test('a command that writes beside a server on SQLite is heard', async () => {
  await using zimmer = await testZimmer('sqlite')
  const { sessionId: _, ...alice } = await zimmer.user('customer')
  await alice.client.get('/api/me')
  const { openApp } = await import('../src/app.ts')
  const command = await openApp(zimmer.app.config)
  await command.write(async (tx) => {
    await tx.updateTable('users').set({ name: 'From outside' }).where('id', '=', alice.userId).execute()
    tx.touch(`user:${alice.userId}`)
  })
  await command.close()
  expect(await soon(async () => (await alice.client.get('/api/me')).body.name === 'From outside')).toBe(true)
})
