import { type ReservedSQL, SQL } from 'bun'
import { Refusal } from '../lib/refusal.ts'
import { sleep } from '../lib/time.ts'
import {
  type Applied,
  type Change,
  type Cost,
  createWith,
  type Engine,
  literal,
  quoted,
  RECORD,
} from './engine.ts'
import { runOn, sqlState } from './postgres.ts'
import type { Value } from './storage.ts'
import { surveyPostgres } from './survey-postgres.ts'

/** A statement that only looks gives up after this. */
const LOOK_TIMEOUT_MS = 30_000
const PROGRESS_EVERY_MS = 500
const REST_WAIT_MS = 1_000
/** Any number: whoever changes indexes here holds this lock. */
const ADVISORY_LOCK = 0x5a4f5054

/**
 * Connects to a database to look at it and, when asked, to change it; with connections of its own, for an index
 * may take longer than any request.
 *
 * @throws Refusal `database_unreachable`, `database_denied`.
 */
export async function openPostgresEngine(url: string): Promise<Engine> {
  const where = nameOf(url)
  const sql = new SQL({
    url,
    max: 3,
    idleTimeout: 30,
    connectionTimeout: 5,
    connection: { application_name: 'zimmer optimize', statement_timeout: LOOK_TIMEOUT_MS },
  })
  try {
    const [here] = (await sql.unsafe('select current_database() as name')) as { name: string }[]
    return engineOn(sql, where, here?.name ?? '')
  } catch (error) {
    await sql.close({ timeout: 0 })
    throw postgresRefusal(error, where)
  }
}

function nameOf(url: string) {
  const { hostname, port, pathname } = new URL(url)
  return `PostgreSQL at ${hostname || 'its socket'}${port ? `:${port}` : ''}${pathname}`
}

function postgresRefusal(error: unknown, where: string): unknown {
  if (error instanceof Refusal) return error
  const { code = '', message } = error as { code?: string; message: string }
  const state = sqlState(error) ?? ''
  const said = message.replaceAll('\n', ' ')
  if (/^(28|3D|42501)/.test(state) || /PASSWORD|AUTH/i.test(code)) {
    const advice = 'look at user, password, name and rights'
    return new Refusal('conflict', 'database_denied', `${where} does not let us: ${said}; ${advice}`)
  }
  if (/^(55P03|57014)/.test(state)) {
    return new Refusal('overloaded', 'database_locked', `${where}: ${said}; nothing was changed`)
  }
  if (
    /^(ERR_POSTGRES_CONN|ECONN|ENOTFOUND|ETIMEDOUT|EAI|FailedToOpenSocket)/.test(code) ||
    /^(08|57)/.test(state)
  ) {
    return new Refusal('overloaded', 'database_unreachable', `${where} does not answer: ${said}`)
  }
  return error
}

function engineOn(sql: SQL, where: string, database: string): Engine {
  const script = scriptFor(database)
  let busyWith: number | null = null
  const rows = async <Row>(text: string, ...values: Value[]) => [...(await runOn(sql, text, values))] as Row[]
  const asked = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw postgresRefusal(error, where)
    }
  }
  const hasRecord = async () =>
    (await rows<{ found: boolean }>(`select to_regclass('${RECORD}') is not null as found`))[0]?.found ===
    true
  return {
    dialect: 'postgres',
    where,
    survey: () => asked(() => surveyPostgres(sql)),
    damage: async () => [],
    rows: (text, ...values) => asked(() => rows(text, ...values)),
    plan: (text) =>
      asked(async () =>
        (
          await rows<Record<string, string>>(`explain ${/\$\d/.test(text) ? '(generic_plan) ' : ''}${text}`)
        ).map((row) => row['QUERY PLAN'] ?? ''),
      ),
    script,
    perform: (change, note, report) =>
      asked(() =>
        onOwn(sql, async (own, pid) => {
          busyWith = pid
          try {
            return await perform({ own, rows, database }, change, note, { pid, report })
          } finally {
            busyWith = null
          }
        }),
      ),
    lastRun: () =>
      asked(async () => {
        if (!(await hasRecord())) return []
        const last = await rows<Row>(
          `select * from ${RECORD} where run = (select max(run) from ${RECORD}) order by id desc`,
        )
        return last.map(({ id: _, undo, applied_at, ...row }) => ({
          ...row,
          undo: JSON.parse(undo) as string[],
          appliedAtMs: applied_at,
        }))
      }),
    takeBack: (step) => asked(() => onOwn(sql, (own) => takeBack(own, step))),
    exclusively: (work) => asked(() => onOwn(sql, (own) => locked(own, where, work))),
    rehearse: async () => null,
    cancel: async () => {
      if (busyWith !== null) await sql.unsafe('select pg_cancel_backend($1)', [busyWith])
    },
    close: () => sql.close({ timeout: 5 }),
  }
}

interface Row {
  id: number
  run: number
  finding: string
  sql: string
  undo: string
  applied_at: number
}

/** On one connection without time limit, whose server process ends its work soon when we are gone. */
async function onOwn<T>(sql: SQL, work: (own: ReservedSQL, pid: number) => Promise<T>): Promise<T> {
  const own = await sql.reserve()
  try {
    await own.unsafe('set statement_timeout = 0')
    // Not on every system.
    await own.unsafe("set client_connection_check_interval = '2s'").catch(() => {})
    const [backend] = (await own.unsafe('select pg_backend_pid() as pid')) as { pid: number }[]
    return await work(own, backend?.pid ?? 0)
  } finally {
    await own.unsafe(`set statement_timeout = ${LOOK_TIMEOUT_MS}`).catch(() => {})
    own.release()
  }
}

async function locked<T>(own: ReservedSQL, where: string, work: () => Promise<T>): Promise<T> {
  const [turn] = (await own.unsafe(`select pg_try_advisory_lock(${ADVISORY_LOCK}) as ours`)) as {
    ours: boolean
  }[]
  if (!turn?.ours) {
    throw new Refusal(
      'overloaded',
      'optimize_busy',
      `${where} is being optimized by somebody else; wait for that`,
    )
  }
  try {
    return await work()
  } finally {
    await own.unsafe(`select pg_advisory_unlock(${ADVISORY_LOCK})`).catch(() => {})
  }
}

const scriptFor =
  (database: string) =>
  (change: Change): string[] => {
    switch (change.kind) {
      case 'create_index':
        return [createWith(change.sql, 'concurrently if not exists')]
      case 'drop_index':
        return [`drop index concurrently if exists ${quoted(change.name)}`]
      case 'analyze':
        return [`analyze ${quoted(change.table)}`]
      case 'vacuum':
        return [`vacuum (analyze) ${quoted(change.table)}`]
      case 'checkpoint':
        return ['checkpoint']
      case 'set':
        // For the connections that come after.
        return [`alter database ${quoted(database)} set ${change.name} = ${literal(change.value)}`]
    }
  }

/** As it is before the change. */
async function undoOf({ own, database }: Hands, change: Change): Promise<string[]> {
  switch (change.kind) {
    case 'create_index':
      return [`drop index concurrently if exists ${quoted(change.name)}`]
    case 'drop_index':
      return [createWith(change.sql, 'concurrently if not exists')]
    case 'set': {
      const [former] = (await own.unsafe(
        `select split_part(entry, '=', 2) as value from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase,
          unnest(s.setconfig) entry
          where d.datname = current_database() and s.setrole = 0 and entry like $1`,
        [`${change.name}=%`],
      )) as { value: string }[]
      const how = former ? `set ${change.name} = ${literal(former.value)}` : `reset ${change.name}`
      return [`alter database ${quoted(database)} ${how}`]
    }
    default:
      return []
  }
}

const FIND = `select i.indisvalid as valid, pg_relation_size(i.indexrelid) as bytes
  from pg_index i where i.indexrelid = to_regclass($1)`

async function found(own: ReservedSQL, name: string) {
  const rows = (await runOn(own, FIND, [quoted(name)])) as unknown as { valid: boolean; bytes: number }[]
  return rows[0] ?? null
}

type Note = Parameters<Engine['perform']>[1]
interface Hands {
  own: ReservedSQL
  rows: Engine['rows']
  database: string
}

/**
 * No transaction can hold a concurrent build: so what would take it back is noted first, and forgotten when it fails.
 * A kill in between leaves an index that is not valid; the next look finds it.
 */
async function perform(
  hands: Hands,
  change: Change,
  note: Note,
  { pid, report }: { pid: number; report: ((percent: number) => void) | undefined },
): Promise<Cost | null> {
  const { own, rows, database } = hands
  const startedAt = performance.now()
  const named = change.kind === 'create_index' || change.kind === 'drop_index' ? change.name : null
  let before = named ? await found(own, named) : null
  if (change.kind === 'create_index' && before && !before.valid) {
    await own.unsafe(`drop index concurrently if exists ${quoted(change.name)}`)
    before = null
  }
  if (change.kind === 'create_index' && before) return null
  if (change.kind === 'drop_index' && !before) return null
  const script = scriptFor(database)(change)
  const id = await remember(own, await undoOf(hands, change), script, note)
  const watching = watch(rows, pid, report)
  try {
    for (const sql of script) await own.unsafe(sql)
  } catch (error) {
    if (change.kind === 'create_index') await dropRest(own, change.name)
    await forget(own, id)
    throw error
  } finally {
    watching.stop()
  }
  const after = named ? await found(own, named) : null
  return { ms: performance.now() - startedAt, bytes: (after?.bytes ?? 0) - (before?.bytes ?? 0) }
}

/** What a failed build has left. Whoever it waited for may still be there: then the next run finds it, not valid. */
async function dropRest(own: ReservedSQL, name: string) {
  await own.unsafe(`set lock_timeout = ${REST_WAIT_MS}`)
  await own.unsafe(`drop index concurrently if exists ${quoted(name)}`).catch(() => {})
  await own.unsafe('reset lock_timeout')
}

/** Asks the server, on another connection, how far a build is. */
function watch(rows: Engine['rows'], pid: number, report: ((percent: number) => void) | undefined) {
  let stopped = false
  const look = async () => {
    while (!stopped && report) {
      await sleep(PROGRESS_EVERY_MS)
      if (stopped) return
      const [seen] = await rows<{ done: number; total: number }>(
        'select blocks_done as done, blocks_total as total from pg_stat_progress_create_index where pid = $1',
        pid,
      ).catch(() => [])
      if (!stopped && seen && seen.total > 0) report(Math.floor((100 * seen.done) / seen.total))
    }
  }
  void look()
  return {
    stop: () => {
      stopped = true
    },
  }
}

async function remember(own: ReservedSQL, undo: string[], script: string[], { run, finding, nowMs }: Note) {
  await own.unsafe(`create table if not exists ${RECORD} (id bigint generated by default as identity primary key,
    run bigint not null, finding text not null, sql text not null, undo text not null, applied_at bigint not null)`)
  const [row] = (await runOn(
    own,
    `insert into ${RECORD} (run, finding, sql, undo, applied_at) values ($1, $2, $3, $4, $5) returning id`,
    [run, finding, script.join(';\n'), JSON.stringify(undo), nowMs],
  )) as unknown as { id: number }[]
  return row?.id ?? 0
}

/** With the last line goes the table, so that a database of which all was taken back is what it was. */
async function forget(own: ReservedSQL, id: number) {
  await own.unsafe(`delete from ${RECORD} where id = $1`, [id])
  const rows = (await own.unsafe(`select 1 from ${RECORD} limit 1`)) as unknown[]
  if (rows.length === 0) await own.unsafe(`drop table ${RECORD}`)
}

async function takeBack(own: ReservedSQL, { run, finding, undo }: Applied) {
  const [row] = (await runOn(
    own,
    `select id from ${RECORD} where run = $1 and finding = $2 order by id desc limit 1`,
    [run, finding],
  )) as unknown as { id: number }[]
  if (!row) return
  for (const sql of undo) await own.unsafe(sql)
  await forget(own, row.id)
}
