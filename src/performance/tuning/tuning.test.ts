import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { SQL } from 'bun'
import { Home } from '../../../test/program.ts'
import { Shell } from '../../../test/stripped.ts'
import { until } from '../../../test/until.ts'
import { databases } from '../../../test/zimmer.ts'
import type { Outcome } from './optimize.ts'
import { type Place, tune } from './tuning.ts'

/** As the first Zimmer's ORM made them: other columns, an index or two under names of its own. */
const FIRST_ZIMMER = [
  'create table users (id integer primary key, email varchar(255) not null unique, is_active boolean, created_at timestamp)',
  'create table automations (id integer primary key, name varchar(100))',
  `create table user_automations (id integer primary key, user_id integer references users (id),
    automation_id integer references automations (id), status varchar(20))`,
  `create table token_usage (id integer primary key, user_automation_id integer references user_automations (id),
    tokens integer, created_at timestamp)`,
  'create index ix_a on user_automations (automation_id)',
  'create index ix_b on user_automations (automation_id)',
]

const ROWS = [
  `insert into users with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000)
    select i, 'u' || i || '@example.com', i % 9 > 0, '2024-05-01 10:00:00' from n`,
]

const MENDED = [
  'missing:idx_users_is_active',
  'missing:idx_user_automations_user_id',
  'missing:idx_user_automations_status',
  'missing:idx_user_automations_user_status',
  'missing:idx_token_usage_created_at',
  'foreign_key:token_usage.user_automation_id',
]

describe.each(databases)('a database that another program made, on %s', (database) => {
  async function first(...more: string[]) {
    const home = await Home.on(database)
    const at = home.env.ZIMMER_DATABASE_URL ?? join(home.folder, 'first.db')
    const shell = new Shell(at)
    await shell.run(...FIRST_ZIMMER, ...ROWS, ...more)
    const place: Place =
      database === 'sqlite' ? { dialect: 'sqlite', file: at } : { dialect: 'postgres', url: at }
    const optimize = (wishes = {}, hands = {}) =>
      tune(place, { kind: 'optimize', wishes: { nowMs: 1_000, ...wishes } }, hands)
    const examine = async () =>
      (await tune(place, { kind: 'examine', check: true })).findings
        .filter(({ level, id }) => level === 'problem' && !/fsync|full_page_writes|journal_mode/.test(id))
        .map(({ id }) => id)
    return { home, shell, place, optimize, examine, undo: () => tune(place, { kind: 'undo' }) }
  }

  const states = ({ steps }: Outcome) =>
    Object.fromEntries(steps.map(({ finding, state }) => [finding, state]))
  const isSetting = (id: string) => id.startsWith('setting:')

  test('is held to the plan, mended, and put back', async () => {
    const { home, shell, optimize, examine, undo } = await first()
    await using _ = home
    const before = await shell.schema()
    expect((await examine()).sort()).toEqual([...MENDED, 'duplicate:ix_a'].sort())
    const outcome = await optimize()
    expect(outcome.steps.map(({ finding }) => finding).filter((id) => !isSetting(id))).toEqual(MENDED)
    expect(outcome.left.map(({ id }) => id)).toContain('duplicate:ix_a')
    expect(await examine()).toEqual(['duplicate:ix_a'])
    expect(outcome.questions.find(({ index }) => index === 'idx_users_is_active')?.after).not.toBeNull()
    await undo()
    expect(await shell.schema()).toEqual(before)
  })

  test('loses a needless index only when asked, and gets it back', async () => {
    const { home, shell, optimize, examine, undo } = await first()
    await using _ = home
    await optimize()
    const before = await shell.schema()
    expect(states(await optimize({ drop: true }))).toEqual({ 'duplicate:ix_a': 'applied' })
    expect(await examine()).toEqual([])
    await undo()
    expect(await shell.schema()).toEqual(before)
    expect((await undo()).run).toBe(1)
    expect((await undo()).run).toBeNull()
  })

  test('interrupted it has done whole steps, and the next run does the rest', async () => {
    const { home, optimize, examine } = await first()
    await using _ = home
    const controller = new AbortController()
    const onProgress = ({ step }: { step: number }) => void (step === 3 && controller.abort())
    const { interrupted, steps } = await optimize({}, { signal: controller.signal, onProgress })
    expect(interrupted).toBe(true)
    expect(new Set(steps.slice(0, 2).map(({ state }) => state))).toEqual(new Set(['applied']))
    expect(new Set(steps.slice(3).map(({ state }) => state))).toEqual(new Set(['left']))
    await optimize()
    expect(await examine()).toEqual(['duplicate:ix_a'])
  })

  test('two at once do each thing once', async () => {
    const { home, shell, optimize, examine, undo } = await first()
    await using _ = home
    const before = await shell.schema()
    const both = await Promise.allSettled([optimize(), optimize()])
    const done = both.flatMap((one) => (one.status === 'fulfilled' ? one.value.steps : []))
    const applied = done.filter(({ state }) => state === 'applied').map(({ finding }) => finding)
    expect(applied.filter((id) => !isSetting(id)).sort()).toEqual([...MENDED].sort())
    expect(await examine()).toEqual(['duplicate:ix_a'])
    while ((await undo()).run !== null);
    expect(await shell.schema()).toEqual(before)
  })
})

describe.each(databases)("a Zimmer's own database on %s", (database) => {
  async function own() {
    const home = await Home.on(database)
    await home.run(['migrate'])
    const at = home.env.ZIMMER_DATABASE_URL ?? join(home.folder, 'data/zimmer.db')
    const place: Place =
      database === 'sqlite' ? { dialect: 'sqlite', file: at } : { dialect: 'postgres', url: at }
    return { home, shell: new Shell(at), place }
  }

  test('a unique index that its rows contradict fails alone, and leaves nothing behind', async () => {
    const { home, shell } = await own()
    await using _ = home
    await shell.fill(200)
    await shell.run('drop index idx_users_email', 'drop index idx_users_role')
    await shell.run(`update users set email = 'same@example.com' where id in (select id from users limit 2)`)
    const { code, out } = await home.run(['optimize', '--json'])
    const { steps } = JSON.parse(out)
    expect(steps.map(({ finding, state }: Record<string, string>) => [finding, state])).toEqual([
      ['missing:idx_users_email', 'failed'],
      ['missing:idx_users_role', 'applied'],
    ])
    expect(code).toBe(1)
    expect((await shell.schema()).join('\n')).not.toContain('idx_users_email ')
  })

  test('a slow statement that reads a whole table is a finding, with an index to try', async () => {
    const { home, shell, place } = await own()
    await using _ = home
    await shell.fill(12_000)
    await shell.run(
      `insert into performance_statements values ('by_type', 'select * from token_usage where usage_type = $1', 1)`,
      `insert into performance_samples (kind, at, seconds, node, name, count, good, failed, total, largest, buckets)
        values ('statement', 1, 60, 'a', 'by_type', 4, 0, 0, 2000000, 900000, '[]')`,
      // Where one value is in all rows, an index on it would not be used.
      ...(database === 'postgres' ? ['analyze token_usage'] : []),
    )
    const seen = await tune(place, { kind: 'examine' })
    expect(seen.slowest).toMatchObject([{ name: 'by_type', calls: 4, meanMs: 500, maxMs: 900 }])
    const [slow] = seen.findings.filter(({ id }) => id.startsWith('slow:'))
    expect(slow).toMatchObject({ id: 'slow:by_type', applied: 'named' })
    expect(slow?.sql.join()).toContain('token_usage (usage_type)')
    const wishes = { only: 'by_type', nowMs: 1 }
    const { steps, questions } = await tune(place, { kind: 'optimize', wishes })
    const asked = questions.filter(({ finding }) => finding === 'slow:by_type')
    expect(asked.map(({ question }) => question)).toEqual([
      'token_usage by usage_type',
      'the statement itself',
    ])
    expect(asked[0]).toMatchObject({ before: { ms: expect.any(Number) }, after: { ms: expect.any(Number) } })
    // Whose values nobody knows, so that it has no times.
    expect(asked[1]).toMatchObject({ before: { ms: null }, after: { ms: null } })
    expect(asked[1]?.before.plan.join()).toMatch(/SCAN|Seq Scan/)
    // All rows have one type: there PostgreSQL is right to go on reading them all.
    if (database === 'sqlite') expect(asked[1]?.after?.plan.join()).toContain('idx_token_usage_usage_type')
    expect(steps).toMatchObject([{ finding: 'slow:by_type', state: 'applied' }])
  })
})

const postgres = databases.includes('postgres') ? describe : describe.skip

postgres('an interrupted concurrent build', () => {
  test('is stopped at the server; what waits for others is dropped by the next run', async () => {
    await using home = await Home.on('postgres')
    const url = home.env.ZIMMER_DATABASE_URL as string
    const shell = new Shell(url)
    await shell.run(...FIRST_ZIMMER, ...ROWS)
    // A build waits for every transaction that may still write to the table.
    const other = new SQL({ url, max: 1 })
    await other.unsafe('begin')
    await other.unsafe(`update users set is_active = true where id = 1`)
    const controller = new AbortController()
    const wishes = { only: 'idx_users_is_active', nowMs: 1 }
    const signal = controller.signal
    const running = tune({ dialect: 'postgres', url }, { kind: 'optimize', wishes }, { signal })
    const building = `select 1 from pg_stat_activity where query like 'create index concurrently%' and state = 'active'`
    while ((await shell.all(building)).length === 0) await Bun.sleep(20)
    controller.abort()
    expect(await running).toMatchObject({ interrupted: true, run: null, steps: [{ state: 'left' }] })
    // The server has said so a moment before it is so.
    expect(
      await until(
        () => shell.all(building),
        (found) => found.length === 0,
      ),
    ).toEqual([])
    await other.unsafe('rollback')
    await other.close()
    await tune({ dialect: 'postgres', url }, { kind: 'optimize', wishes: { nowMs: 1 } })
    const { findings } = await tune({ dialect: 'postgres', url }, { kind: 'examine' })
    expect(findings.filter(({ id }) => id.includes('is_active'))).toEqual([])
  })

  test('that was killed leaves an index that is not valid: it is found and made anew', async () => {
    await using home = await Home.on('postgres')
    const url = home.env.ZIMMER_DATABASE_URL as string
    const shell = new Shell(url)
    await shell.run(...FIRST_ZIMMER, ...ROWS)
    const client = new SQL({ url, max: 1 })
    await client
      .unsafe('create unique index concurrently idx_users_is_active on users (is_active)')
      .catch(() => {})
    await client.close()
    const place = { dialect: 'postgres', url } as const
    const { findings } = await tune(place, { kind: 'examine' })
    expect(findings.map(({ id }) => id)).toContain('invalid:idx_users_is_active')
    await tune(place, { kind: 'optimize', wishes: { nowMs: 1 } })
    const after = await tune(place, { kind: 'examine' })
    expect(after.findings.filter(({ id }) => id.includes('is_active'))).toEqual([])
    expect((await shell.schema()).join('\n')).toMatch(/CREATE INDEX idx_users_is_active/)
  })
})
