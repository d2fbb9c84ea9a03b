import { describe, expect, test } from 'bun:test'
import { sql } from 'kysely'
import { count, databases, type TestZimmer, testZimmer, times } from '../../../test/zimmer.ts'

const FINDINGS = '/api/admin/performance/findings'
const UNDO = '/api/admin/performance/undo'
const apply = (id: string) => `${FINDINGS}/${encodeURIComponent(id)}/apply`

const drop = (zimmer: TestZimmer, name: string) =>
  zimmer.app.write((tx) => sql.raw(`drop index ${name}`).execute(tx))

interface Found {
  id: string
  sql: string[]
}

const idsOf = (findings: Found[]) =>
  findings.map(({ id }) => id).filter((id) => !['setting:fsync', 'setting:full_page_writes'].includes(id))

describe.each(databases)('the findings of a running server on %s', (database) => {
  test('are none at first, then what is missing; applied it is there again, and undone it is gone', async () => {
    await using zimmer = await testZimmer(database)
    const manager = await zimmer.as('manager')
    const look = async () => idsOf((await manager.get(FINDINGS)).body.findings)
    expect(await look()).toEqual([])
    await drop(zimmer, 'idx_sessions_user_id')
    expect(await look()).toEqual([])
    zimmer.clock.advance(30_000)
    expect(await look()).toEqual(['missing:idx_sessions_user_id'])

    const applied = await manager.post(apply('missing:idx_sessions_user_id'), {})
    expect(applied.status).toBe(200)
    expect(applied.body).toMatchObject({ run: 1, steps: [{ state: 'applied', error: null }] })
    const asked = applied.body.questions.find(
      (one: { index: string }) => one.index === 'idx_sessions_user_id',
    )
    expect(asked.after.plan).not.toBeEmpty()
    expect(await look()).toEqual([])

    expect((await manager.post(UNDO, {})).body).toMatchObject({ run: 1, steps: [{ error: null }] })
    expect(await look()).toEqual(['missing:idx_sessions_user_id'])
    expect((await manager.post(UNDO, {})).body.code).toBe('nothing_to_undo')
    const audit = (await manager.get('/api/admin/audit')).body.entries
    const finding = 'missing:idx_sessions_user_id'
    expect(audit).toMatchObject([
      // There was nothing to undo any more.
      { action: 'performance.undo', after: { asked: true } },
      { action: 'performance.undo', after: { run: 1 } },
      { action: 'performance.undo', after: { asked: true } },
      { action: 'performance.apply', after: { finding, run: 1 } },
      { action: 'performance.apply', after: { finding, asked: true } },
    ])
  })

  test('an unknown one is not there, and none is applied twice', async () => {
    await using zimmer = await testZimmer(database)
    const manager = await zimmer.as('manager')
    await drop(zimmer, 'idx_users_role')
    expect(await manager.post(apply('missing:idx_nothing'), {})).toMatchObject({ status: 404 })
    // The name of the index alone is what the command line takes.
    expect(await manager.post(apply('idx_users_role'), {})).toMatchObject({ status: 404 })
    const replies = await times(4, () => manager.post(apply('missing:idx_users_role'), {}))
    const done = replies.filter(({ body }) => body.steps?.[0]?.state === 'applied')
    expect(done).toHaveLength(1)
    expect(replies.every(({ status }) => [200, 404].includes(status))).toBe(true)
  })

  test('customers spend and staff write while an index is built', async () => {
    await using zimmer = await testZimmer(database)
    const manager = await zimmer.as('manager')
    const alice = await zimmer.customer({ paidTokens: 1_000 })
    await drop(zimmer, 'idx_token_usage_created_at')
    const busy = times(100, (key) => zimmer.consume(alice, 1, `key-${key}`))
    const writes = times(20, () => alice.client.put('/api/user/profile', { name: 'Alice' }))
    const applied = await manager.post(apply('missing:idx_token_usage_created_at'), {})
    expect(applied.status).toBe(200)
    expect(count(await busy, 200)).toBe(100)
    expect(count(await writes, 200)).toBe(20)
    expect(await zimmer.balance(alice)).toBe(900)
  })
})

describe('on SQLite', () => {
  test('twenty who look at once start one thread, and no more until something is changed', async () => {
    await using zimmer = await testZimmer('sqlite')
    const manager = await zimmer.as('manager')
    const { Worker } = globalThis
    let started = 0
    globalThis.Worker = class extends Worker {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args)
        started++
      }
    }
    try {
      expect(count(await times(20, () => manager.get(FINDINGS)), 200)).toBe(20)
      await manager.get(FINDINGS)
      expect(started).toBe(1)
      // Refused or not: what it has done is looked at anew.
      await manager.post(UNDO, {})
      await times(20, () => manager.get(FINDINGS))
      expect(started).toBe(3)
    } finally {
      globalThis.Worker = Worker
    }
  })

  test('what needs the database to itself is refused', async () => {
    await using zimmer = await testZimmer('sqlite')
    const manager = await zimmer.as('manager')
    // Free pages enough for a VACUUM to be offered.
    await zimmer.app.write(async (tx) => {
      await sql`create table big (filling blob)`.execute(tx)
      await sql`insert into big with recursive n(i) as (select 1 union all select i + 1 from n where i < 70)
        select zeroblob(1000000) from n`.execute(tx)
      await sql`drop table big`.execute(tx)
    })
    const found = (await manager.get(FINDINGS)).body.findings as Found[]
    expect(idsOf(found)).toContain('free_pages')
    expect(await manager.post(apply('free_pages'), {})).toMatchObject({
      status: 409,
      body: { code: 'not_online', detail: expect.stringContaining('zimmer optimize --only free_pages') },
    })
  })
})
