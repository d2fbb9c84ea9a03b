import { describe, expect, test } from 'bun:test'
import { sql } from 'kysely'
import { isOfReport, nextMinute, ran, sample, save } from '../../test/measured.ts'
import { Statements } from '../../test/statements.ts'
import { databases, testZimmer } from '../../test/zimmer.ts'
import { keeperOf } from './routes/keeper.ts'

const URL = '/api/admin/performance/slow-queries'
const OFTEN = 'select id from users where email = $1'
const SLOW = 'select id from users where name = $1 and role = $2'

describe.each(databases)('GET /api/admin/performance/slow-queries on %s', (database) => {
  test('it works: the statements that took the most, with their SQL and their share', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('support_staff')
    await nextMinute(zimmer)
    ran(zimmer, OFTEN, [[5_000, 100]])
    await nextMinute(zimmer)
    ran(zimmer, OFTEN, [[5_000, 100]])
    ran(zimmer, SLOW, [
      [90, 1_000],
      [10, 2_500],
    ])
    const { status, body } = await client.get(URL)
    expect(status).toBe(200)
    const [often, slow] = body.statements
    expect(often).toMatchObject({
      sql: OFTEN,
      calls: 10_000,
      failed: 0,
      total_ms: 1_000_000,
      mean_ms: 100,
      max_ms: 100,
    })
    expect(slow).toMatchObject({
      sql: SLOW,
      calls: 100,
      total_ms: 115_000,
      mean_ms: 1_150,
      p95_ms: 2_500,
      max_ms: 2_500,
    })
    expect(often.share_of_database_time).toBeCloseTo(1_000 / 1_115, 2)
    const bySlowness = (await client.get(`${URL}?sort=mean&limit=1`)).body.statements
    expect(bySlowness).toMatchObject([{ sql: SLOW }])
    await nextMinute(zimmer)
    // The clock has moved on, and what was in memory is in the database.
    expect((await client.get(`${URL}?sort=max&limit=1`)).body.statements).toMatchObject([
      { ...slow, p95_ms: 2_500 },
    ])
  })

  test('what many statements of one minute have in common is that they are others', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('manager')
    for (let i = 0; i < 150; i++) ran(zimmer, `select column_${i} from things`, [[1, 1_000 + i]])
    await keeperOf(zimmer.app).flush()
    const { statements } = (await client.get(`${URL}?limit=100`)).body
    expect(statements).toHaveLength(100)
    const other = statements.find(({ name }: { name: string }) => name === 'other')
    expect(other.sql).toBe('')
    expect(other.calls).toBeGreaterThanOrEqual(50)
  })

  test('one node alone; bad limits, sorts and ranges are refused', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('manager')
    const statement = (count: number) => sample({ kind: 'statement', name: 's', count, total: count * 1e6 })
    await save(zimmer, 'a', zimmer.clock.now(), [statement(3)])
    await save(zimmer, 'b', zimmer.clock.now(), [statement(4)])
    const callsOf = async (query: string) =>
      (await client.get(`${URL}?limit=1${query}`)).body.statements[0].calls
    expect([await callsOf(''), await callsOf('&node=a'), await callsOf('&node=b')]).toEqual([7, 3, 4])
    for (const query of ['limit=0', 'limit=101', 'limit=x', 'sort=name', 'range=2h', 'offset=1']) {
      expect([query, (await client.get(`${URL}?${query}`)).status]).toEqual([query, 422])
    }
  })

  test('it costs three statements', async () => {
    const statements = new Statements()
    await using zimmer = await testZimmer(database, { onStatement: statements.seen })
    const client = await zimmer.as('manager')
    await client.get(URL)
    for (const limit of [1, 100]) {
      const sent = await statements.during(() => client.get(`${URL}?limit=${limit}&range=30d`))
      expect(sent.filter(isOfReport)).toHaveLength(3)
    }
  })
})

describe.each(databases)('POST /api/admin/performance/slow-queries/:name/explain on %s', (database) => {
  const explain = (name: string) => `${URL}/${name}/explain`

  test('it works, for what is recorded and for what was recorded before', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('technical_team')
    const { name } = zimmer.app.metrics.statements.of(SLOW)
    ran(zimmer, SLOW, [[1, 5]])
    const { status, body } = await client.post(explain(name))
    expect(status).toBe(200)
    expect(body).toMatchObject({ name, sql: SLOW })
    expect(body.plan.join('\n')).toMatch(/users/)
    const row = { name: 'from_before', sql: OFTEN, seen_at: 1 }
    await zimmer.app.write((tx) => tx.insertInto('performance_statements').values(row).execute())
    expect((await client.post(explain('from_before'))).body.plan.join('\n')).toMatch(/idx_users_email|users/)
  })

  test('every statement of a Zimmer has a plan or a reason, and none is run', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('manager')
    const alice = await zimmer.customer({ paidTokens: 5 })
    await zimmer.consume(alice, 1)
    await alice.client.put('/api/user/profile', { name: 'Alice' })
    await alice.client.get('/api/user/dashboard')
    await client.get('/api/admin/users?search=a')
    const before = await zimmer.app.db.selectFrom('audit_log').selectAll().execute()
    const names = [...zimmer.app.metrics.statements.all()].map(({ name }) => name)
    expect(names.length).toBeGreaterThan(10)
    const unplanned: string[] = []
    for (const name of names) {
      const { status, body } = await client.post(explain(name))
      expect([name, status]).toEqual([name, 200])
      expect(body.note).toBeString()
      if (body.plan.length === 0 && /^(select|update|delete)/.test(body.sql)) unplanned.push(body.sql)
    }
    expect(unplanned).toEqual([])
    expect(await zimmer.app.db.selectFrom('audit_log').selectAll().execute()).toEqual(before)
    const { name } = await zimmer.app.db
      .selectFrom('users')
      .select('name')
      .where('id', '=', alice.userId)
      .executeTakeFirstOrThrow()
    expect(name).toBe('Alice')
  })

  test('an index that somebody else has made is in the plan at once', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('manager')
    const { name } = zimmer.app.metrics.statements.of(SLOW)
    ran(zimmer, SLOW, [[1, 5]])
    const plan = async () => (await client.post(explain(name))).body.plan.join('\n')
    await plan()
    await zimmer.app.write((tx) => sql.raw('create index idx_made_now on users (name, role)').execute(tx))
    if (database === 'sqlite') expect(await plan()).toContain('idx_made_now')
    else expect(await plan()).toMatch(/users/)
  })

  test('what has no plan says why; a name that nobody recorded is not there; SQL is no name', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('manager')
    for (const text of ['select nothing from nowhere', 'begin', 'select 1; drop table users']) {
      const row = { name: 'odd', sql: text, seen_at: 1 }
      await zimmer.app.write(async (tx) => {
        await tx.deleteFrom('performance_statements').execute()
        await tx.insertInto('performance_statements').values(row).execute()
      })
      const { status, body } = await client.post(explain('odd'))
      expect([text, status, body.plan.length > 0 && text === 'begin' ? [] : body.plan.slice(0, 0)]).toEqual([
        text,
        200,
        [],
      ])
      expect(body.note).toBeString()
    }
    expect((await zimmer.app.db.selectFrom('users').select('id').execute()).length).toBeGreaterThan(0)
    expect((await client.post(explain('nobody'))).status).toBe(404)
    expect((await client.post(explain('select%201'))).status).toBe(422)
  })
})
