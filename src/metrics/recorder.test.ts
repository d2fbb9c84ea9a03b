import { describe, expect, test } from 'bun:test'
import { databases, testZimmer } from '../../test/zimmer.ts'
import { fingerprint } from './fingerprint.ts'
import { Histogram } from './histogram.ts'
import { Routes, Statements } from './recorder.ts'

describe('a reader of a registry', () => {
  test('sees what was counted since it last took, and nothing twice', () => {
    const routes = new Routes()
    const series = routes.add('GET', '/a', 500)
    routes.add('GET', '/never', 500)
    const reader = routes.reader()
    series.answered(200, 10)
    series.answered(404, 30)
    const [first, ...others] = reader.take()
    expect(others).toEqual([])
    expect(first?.of).toBe(series)
    expect(first).toMatchObject({ count: 2, sumMs: 40, counters: { '2xx': 1, '4xx': 1, '5xx': 0, shed: 0 } })
    expect(reader.take()).toEqual([])
    series.answered(500, 5)
    expect(reader.take()).toMatchObject([{ count: 1, sumMs: 5, counters: { '2xx': 0, '5xx': 1 } }])
  })

  test('its largest time is of what it has not seen, to 1 %', () => {
    const routes = new Routes()
    const series = routes.add('GET', '/a', 500)
    const reader = routes.reader()
    series.answered(200, 900)
    reader.take()
    series.answered(200, 20)
    const { maxMs = 0 } = reader.take()[0] ?? {}
    expect(maxMs).toBeGreaterThanOrEqual(20)
    expect(maxMs).toBeLessThan(20.3)
  })

  test('looking takes nothing away, and two readers do not disturb each other', () => {
    const routes = new Routes()
    const series = routes.add('GET', '/a', 500)
    const one = routes.reader()
    const other = routes.reader()
    series.answered(200, 1)
    expect(one.peek()).toHaveLength(1)
    expect(one.take()).toHaveLength(1)
    series.answered(200, 1)
    expect(one.take()).toMatchObject([{ count: 1 }])
    expect(other.take()).toMatchObject([{ count: 2 }])
  })

  test('what was shed is a change, and no time', () => {
    const routes = new Routes()
    routes.add('GET', '/a', 500).shed()
    expect(routes.reader().take()).toMatchObject([{ count: 0, buckets: [], counters: { shed: 1, '5xx': 0 } }])
  })

  test('changes add up to what was counted, bucket by bucket', () => {
    const routes = new Routes()
    const series = routes.add('GET', '/a', 500)
    const reader = routes.reader()
    const sum = new Histogram()
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 200; i++) series.answered(200, Math.random() * 100)
      for (const { buckets, sumMs, maxMs } of reader.take()) sum.addSparse(buckets, sumMs, maxMs)
    }
    expect(sum.sparse()).toEqual(series.times.sparse())
    expect(sum.count).toBe(1_000)
    expect(sum.percentile(0.95)).toBe(series.times.percentile(0.95))
  })
})

describe('the name of a statement', () => {
  test('is the same for all its spellings', () => {
    const sqlite = 'select "id" from "users" where "email" = ? and "id" in (?, ?, ?)'
    const postgres = `select "id"\n  from "users" where "email" = $1 and "id" in ($2)`
    expect(fingerprint(sqlite)).toBe(fingerprint(postgres))
    expect(fingerprint(sqlite)).toMatch(/^select_users_by_email_id_[a-z0-9]{1,5}$/)
    expect(fingerprint('insert into "t" ("a") values (?), (?)')).toBe(
      fingerprint('insert into t (a) values ($1)'),
    )
  })

  test('has no value in it, and tells statements apart', () => {
    expect(fingerprint(`select 1 from users where email = 'a@b.c'`)).not.toContain('a@b')
    expect(fingerprint(`select 1 from users where email = 'a'`)).toBe(
      fingerprint(`select 7 from users where email = 'it''s b'`),
    )
    expect(fingerprint('select a from users where id = ?')).not.toBe(
      fingerprint('select b from users where id = ?'),
    )
  })

  test('a long one is cut, and has the name of its short spelling', () => {
    const statements = new Statements()
    const insert = (rows: number) =>
      `insert into "t" ("a", "b") values ${Array(rows).fill('(?, ?)').join(', ')}`
    const long = statements.of(insert(2_000))
    expect(long).toBe(statements.of(insert(1)))
    expect(long.sql).toHaveLength(4_001)
    expect(long.sql).toEndWith('…')
  })

  test('is bounded: what comes after 500 is other', () => {
    const statements = new Statements()
    for (let i = 0; i < 600; i++)
      statements.now(statements.of(`select c${'x'.repeat(i)} from t`), () => [], none)
    expect([...statements.all()]).toHaveLength(501)
    const other = [...statements.all()].find(({ name }) => name === 'other')
    expect(other?.times.count).toBe(100)
  })
})

const none = () => 0

describe.each(databases)('what is recorded on %s', (database) => {
  test('each route, by how it ended', async () => {
    await using zimmer = await testZimmer(database)
    const reader = zimmer.app.metrics.routes.reader()
    await zimmer.anyone.get('/healthz')
    await zimmer.anyone.get('/api/me')
    await zimmer.anyone.get('/nowhere')
    const seen = reader.take().map(({ of, count, counters }) => [of.method, of.path, count, counters['4xx']])
    expect(seen).toContainEqual(['GET', '/healthz', 1, 0])
    expect(seen).toContainEqual(['GET', '/api/me', 1, 1])
    expect(seen).toHaveLength(2)
  })

  test('each statement by name, with its rows, and the words of a transaction', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('customer')
    const reader = zimmer.app.metrics.statements.reader()
    await client.get('/api/me')
    await zimmer.app.write(async (tx) => void (await tx.selectFrom('users').select('id').execute()))
    const seen = new Map(reader.take().map((change) => [change.of.name, change]))
    expect(seen.get('session_of_token')).toMatchObject({ count: 1, counters: { rows: 1, failed: 0 } })
    expect(seen.get('user_by_id')).toMatchObject({ count: 1, counters: { rows: 1, failed: 0 } })
    expect([...seen.keys()].filter((name) => name.startsWith('select_users_'))).toHaveLength(1)
    expect(seen.get('commit')?.count).toBeGreaterThan(0)
  })

  test('a statement that fails has a time as well', async () => {
    await using zimmer = await testZimmer(database)
    const { storage, metrics } = zimmer.app
    await expect(storage.statement('broken', 'select nothing from nowhere')()).rejects.toThrow()
    const [broken] = metrics.statements
      .reader()
      .take()
      .filter(({ of }) => of.name === 'broken')
    expect(broken).toMatchObject({ count: 1, counters: { rows: 0, failed: 1 } })
  })
})
