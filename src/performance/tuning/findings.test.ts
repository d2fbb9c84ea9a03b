import { describe, expect, test } from 'bun:test'
import type { IndexSeen, Survey, TableSeen } from '../../storage/engine.ts'
import { migrations } from '../../storage/migrations/list.ts'
import { findingsOf } from './findings.ts'
import { plannedFor } from './planned.ts'
import { suggestIndex } from './slow.ts'

const DAY_MS = 86_400_000

const table = (name: string, columns: string, seen: Partial<TableSeen> = {}): TableSeen => ({
  name,
  columns: columns.split(' '),
  rows: 50_000,
  foreignKeys: [],
  analyzedRows: 50_000,
  changedRows: 0,
  deadRows: 0,
  ...seen,
})

const index = (name: string, on: string, columns: string, seen: Partial<IndexSeen> = {}): IndexSeen => ({
  name,
  table: on,
  columns: columns.split(' '),
  order: columns.split(' '),
  unique: false,
  isKey: false,
  where: null,
  valid: true,
  bytes: 8_192,
  scans: 7,
  sql: `create index ${name} on ${on} (${columns.split(' ').join(', ')})`,
  ...seen,
})

const survey = (seen: Partial<Survey>): Survey => ({
  dialect: 'postgres',
  version: 'PostgreSQL 18.4',
  tables: [],
  indexes: [],
  settings: [],
  migrations: null,
  bytes: 1e6,
  freeBytes: 0,
  walBytes: 0,
  countedForMs: 30 * DAY_MS,
  extensions: [],
  ...seen,
})

const found = (seen: Survey) => findingsOf(seen, plannedFor(seen)).map(({ id }) => id)

describe('findings', () => {
  test('the plan asks for its indexes wherever table and columns are, under any name', () => {
    const seen = survey({
      tables: [
        table('users', 'id email is_active'),
        table('token_usage', 'id user_automation_id created_at'),
      ],
      indexes: [index('ix_users_email', 'users', 'email', { unique: true })],
    })
    expect(found(seen)).toEqual(['missing:idx_users_is_active', 'missing:idx_token_usage_created_at'])
  })

  test('an index that holds some rows, or was left unfinished, does not count', () => {
    const seen = survey({
      tables: [table('users', 'id email')],
      indexes: [
        index('a', 'users', 'email', { where: 'email is not null' }),
        index('idx_users_email', 'users', 'email', { valid: false }),
      ],
    })
    expect(found(seen)).toEqual(['invalid:idx_users_email', 'missing:idx_users_email'])
  })

  test('a planned name on other columns is told, and not built over', () => {
    const seen = survey({
      tables: [table('users', 'id email name')],
      indexes: [index('idx_users_email', 'users', 'name')],
    })
    const [first] = findingsOf(seen, plannedFor(seen))
    expect(first).toMatchObject({ id: 'missing:idx_users_email', change: null, applied: 'never' })
  })

  test("in a Zimmer's own database its migrations say what there should be, exactly", () => {
    for (const dialect of ['sqlite', 'postgres'] as const) {
      const applied = migrations.map(({ name }) => name)
      const columns = 'id email user_id status reverses_id created_at is_active automation_id'
      const tables = ['users', 'token_usage'].map((name) => table(name, columns))
      const planned = plannedFor(survey({ dialect, migrations: applied, tables }))
      expect(planned.find(({ name }) => name === 'idx_users_email')?.sql).toMatch(/^create unique index/)
      expect(planned.find(({ name }) => name === 'idx_token_usage_user_id')).toMatchObject({
        columns: ['user_id', 'reverses_id'],
        sql: expect.stringContaining('where reverses_id is not null'),
      })
    }
  })

  test('equal indexes and beginnings of others are needless; keys, unique and planned ones never', () => {
    const seen = survey({
      tables: [table('user_automations', 'id user_id status automation_id')],
      indexes: [
        index('idx_user_automations_user_id', 'user_automations', 'user_id'),
        index('idx_user_automations_status', 'user_automations', 'status'),
        index('idx_user_automations_user_status', 'user_automations', 'user_id status'),
        index('a', 'user_automations', 'automation_id'),
        index('b', 'user_automations', 'automation_id'),
        index('c', 'user_automations', 'automation_id status'),
        index('unique_one', 'user_automations', 'automation_id', { unique: true }),
        index('key', 'user_automations', 'automation_id', { isKey: true, sql: null }),
        index('some_rows', 'user_automations', 'automation_id', { where: 'status = 1' }),
        index('downwards', 'user_automations', 'automation_id', { order: ['automation_id desc'] }),
      ],
    })
    expect(found(seen).sort()).toEqual(['duplicate:a', 'duplicate:b'])
    expect(findingsOf(seen, plannedFor(seen)).every(({ applied }) => applied === 'drop')).toBe(true)
  })

  test('of two equal ones one stays', () => {
    const indexes = [index('a', 'lots', 'kind'), index('b', 'lots', 'kind')]
    expect(found(survey({ tables: [table('lots', 'id kind')], indexes }))).toEqual(['duplicate:a'])
  })

  test('an index is called unused only after a week of counting, and only as a hint', () => {
    const indexes = [
      index('a', 'lots', 'kind', { scans: 0 }),
      index('b', 'lots', 'id', { scans: 0, isKey: true }),
    ]
    const tables = [table('lots', 'id kind')]
    expect(found(survey({ tables, indexes, countedForMs: 6 * DAY_MS }))).toEqual([])
    const seen = survey({ tables, indexes })
    expect(findingsOf(seen, plannedFor(seen))).toMatchObject([
      { id: 'unused:a', level: 'hint', applied: 'drop' },
    ])
  })

  test('a foreign key without an index is found in tables that are not ours', () => {
    const tables = [table('orders', 'id user_id', { foreignKeys: [['user_id']] })]
    expect(found(survey({ tables }))).toEqual(['foreign_key:orders.user_id'])
    expect(found(survey({ tables, indexes: [index('a', 'orders', 'user_id id')] }))).toEqual([])
  })

  test('statistics are missing or stale for large tables alone', () => {
    const of = (seen: Partial<TableSeen>) => found(survey({ tables: [table('t', 'id', seen)] }))
    expect(of({ analyzedRows: null })).toEqual(['statistics:t'])
    expect(of({ analyzedRows: null, rows: 500 })).toEqual([])
    expect(of({ changedRows: 40_000 })).toEqual(['statistics:t'])
    expect(of({ changedRows: null, analyzedRows: 1_000 })).toEqual(['statistics:t'])
  })

  test("a Zimmer's own SQLite file needs none; wrong ones are worse than none", () => {
    const of = (analyzedRows: number | null) =>
      found(
        survey({
          dialect: 'sqlite',
          migrations: ['x'],
          tables: [table('t', 'id', { analyzedRows, changedRows: null })],
        }),
      )
    expect(of(null)).toEqual([])
    expect(of(1_000)).toEqual(['statistics:t'])
  })

  test('dead rows, free pages and a long log', () => {
    expect(found(survey({ tables: [table('t', 'id', { deadRows: 30_000 })] }))).toEqual(['bloat:t'])
    const sqlite = { dialect: 'sqlite' as const, bytes: 200e6 }
    expect(found(survey({ ...sqlite, freeBytes: 100e6, walBytes: 300e6 }))).toEqual(['free_pages', 'wal'])
    expect(found(survey({ ...sqlite, freeBytes: 10e6 }))).toEqual([])
  })

  test('settings that lose data are problems; what depends on the machine is a hint', () => {
    const setting = (name: string, value: string, wanted: string | null) =>
      ({ name, value, wanted, scope: 'server' }) as const
    const seen = survey({
      bytes: 1e9,
      settings: [
        setting('fsync', 'off', 'on'),
        setting('shared_buffers', '128MB', null),
        setting('random_page_cost', '4', null),
        setting('effective_cache_size', '4GB', null),
        setting('work_mem', '64kB', null),
      ],
    })
    expect(findingsOf(seen, []).map(({ id, level }) => [id, level])).toEqual([
      ['setting:fsync', 'problem'],
      ['setting:shared_buffers', 'hint'],
      ['setting:random_page_cost', 'hint'],
      ['setting:work_mem', 'hint'],
    ])
  })
})

describe('the index that a statement suggests', () => {
  const usage = table('token_usage', 'id user_id tokens usage_type created_at')
  const seen = survey({ tables: [usage], indexes: [index('a', 'token_usage', 'user_id')] })
  const suggested = (sql: string) => suggestIndex(seen, usage, sql)?.sql ?? null

  test.each([
    [
      'select "u"."id" from "token_usage" as "u" where "u"."usage_type" = $1 and "u"."created_at" >= $2',
      'create index idx_token_usage_usage_type_created_at on token_usage (usage_type, created_at)',
    ],
    [
      'select * from token_usage where tokens in (?, ?) order by id limit ?',
      'create index idx_token_usage_tokens_id on token_usage (tokens, id)',
    ],
    ['select * from token_usage where user_id = ?', null],
    ['select * from users where id = ?', null],
    ['select count(*) from token_usage', null],
  ])('of %s', (sql, expected) => {
    expect(suggested(sql)).toBe(expected)
  })
})
