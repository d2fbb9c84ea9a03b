import type { SQL } from 'bun'
import {
  COUNTED_ROWS,
  type IndexSeen,
  quoted,
  type SettingSeen,
  type Survey,
  type TableSeen,
} from './engine.ts'
import { runOn } from './postgres.ts'

/** Below this a table is counted when the server doesn't know its rows. */
const COUNTED_BYTES = 64 * 1_048_576

const TABLES = `select c.oid::bigint as id, c.relname as name, pg_relation_size(c.oid) as bytes,
    greatest(c.reltuples, s.n_live_tup, 0)::bigint as rows,
    case when c.reltuples < 0 or coalesce(s.last_analyze, s.last_autoanalyze) is null then null
      else c.reltuples::bigint end as analyzed,
    s.n_mod_since_analyze as changed, s.n_dead_tup as dead,
    (select json_agg(a.attname order by a.attnum) from pg_attribute a
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)::text as columns,
    (select json_agg((select json_agg(a.attname order by k.position)
        from unnest(f.conkey) with ordinality k (number, position)
        join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.number))
      from pg_constraint f where f.conrelid = c.oid and f.contype = 'f')::text as keys
  from pg_class c left join pg_stat_user_tables s on s.relid = c.oid
  where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace order by c.relname`

const INDEXES = `select i.relname as name, t.relname as "table", x.indisunique as is_unique,
    x.indisvalid as is_valid,
    exists (select 1 from pg_constraint k where k.conindid = x.indexrelid) as is_key,
    pg_get_expr(x.indpred, x.indrelid) as predicate, pg_get_indexdef(x.indexrelid) as sql,
    pg_relation_size(x.indexrelid) as bytes, s.idx_scan as scans,
    (select json_agg(pg_get_indexdef(x.indexrelid, k, true) order by k)
      from generate_series(1, x.indnkeyatts) k)::text as columns,
    m.amname || ' ' || x.indclass::text || ' ' || x.indoption::text || ' ' || x.indcollation::text || ' '
      || x.indnkeyatts || '/' || x.indnatts as ordering
  from pg_index x
  join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid join pg_am m on m.oid = i.relam
  left join pg_stat_user_indexes s on s.indexrelid = x.indexrelid
  where t.relkind = 'r' and t.relnamespace = current_schema()::regnamespace order by i.relname`

/** Advice goes by these; `wanted` only where the answer doesn't depend on the machine. */
const WANTED: Record<string, string | null> = {
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  autovacuum: 'on',
  shared_buffers: null,
  effective_cache_size: null,
  work_mem: null,
  random_page_cost: null,
  max_wal_size: null,
}
/** Each session may have its own, so a database may as well. */
const PER_DATABASE = ['synchronous_commit', 'random_page_cost', 'effective_cache_size', 'work_mem']

interface TableRow {
  name: string
  bytes: number
  rows: number
  analyzed: number | null
  changed: number | null
  dead: number | null
  columns: string | null
  keys: string | null
}

interface IndexRow {
  name: string
  table: string
  is_unique: boolean
  is_valid: boolean
  is_key: boolean
  predicate: string | null
  sql: string
  bytes: number
  scans: number | null
  columns: string
  ordering: string
}

/** Reads the catalogue and the server's own counters. */
export async function surveyPostgres(sql: SQL): Promise<Survey> {
  const rows = async <Row>(text: string) => [...(await runOn(sql, text))] as Row[]
  const tables = await rows<TableRow>(TABLES)
  const [server] = await rows<{ version: string; bytes: number; counted_ms: number; ours: boolean }>(
    `select current_setting('server_version') as version, pg_database_size(current_database()) as bytes,
      (extract(epoch from now() - coalesce(stats_reset, pg_postmaster_start_time())) * 1000)::bigint as counted_ms,
      exists (select 1 from information_schema.columns where table_schema = current_schema()
        and table_name = 'migrations' and column_name = 'applied_at') as ours
      from pg_stat_database where datname = current_database()`,
  )
  const migrations = server?.ours
    ? await rows<{ name: string }>('select name from migrations order by name')
    : null
  return {
    dialect: 'postgres',
    version: `PostgreSQL ${server?.version}`,
    tables: await Promise.all(tables.map((row) => tableOf(rows, row))),
    indexes: (await rows<IndexRow>(INDEXES)).map(indexOf),
    settings: await settings(rows),
    migrations: migrations?.map(({ name }) => name) ?? null,
    bytes: server?.bytes ?? 0,
    freeBytes: 0,
    walBytes: await walBytes(rows),
    countedForMs: server?.counted_ms ?? 0,
    extensions: (await rows<{ name: string }>('select extname as name from pg_extension')).map(
      ({ name }) => name,
    ),
  }
}

type Rows = <Row>(text: string) => Promise<Row[]>

async function tableOf(rows: Rows, { bytes, analyzed, columns, keys, ...row }: TableRow): Promise<TableSeen> {
  const known: TableSeen = {
    name: row.name,
    rows: row.rows,
    columns: JSON.parse(columns ?? '[]') as string[],
    foreignKeys: JSON.parse(keys ?? '[]') as string[][],
    analyzedRows: analyzed,
    changedRows: row.changed,
    deadRows: row.dead,
  }
  if (row.rows > COUNTED_ROWS || bytes > COUNTED_BYTES) return known
  const [counted] = await rows<{ n: number }>(
    `select count(*) as n from (select 1 from ${quoted(row.name)} limit ${COUNTED_ROWS + 1}) counted`,
  )
  return { ...known, rows: counted?.n ?? 0 }
}

function indexOf(row: IndexRow): IndexSeen {
  const columns = (JSON.parse(row.columns) as string[]).map((name) => name.replace(/^"(.*)"$/, '$1'))
  const [method = '', ...words] = row.ordering.split(' ')
  const count = columns.length
  const included = words.at(-1)
  return {
    name: row.name,
    table: row.table,
    columns,
    order: columns.map((name, position) =>
      [name, method, words[position], words[count + position], words[2 * count + position]].join(' '),
    ),
    unique: row.is_unique,
    isKey: row.is_key,
    // Columns that are only carried along make it another index, as a predicate does.
    where: row.predicate ?? (included === `${count}/${count}` ? null : `carries ${included}`),
    valid: row.is_valid,
    bytes: row.bytes,
    scans: row.scans,
    sql: row.is_key ? null : row.sql,
  }
}

async function settings(rows: Rows): Promise<SettingSeen[]> {
  const names = Object.keys(WANTED).map((name) => `'${name}'`)
  const found = await rows<{ name: string; value: string }>(
    `select name, current_setting(name) as value from pg_settings where name in (${names.join(', ')}) order by name`,
  )
  return found.map(({ name, value }) => ({
    name,
    value,
    wanted: WANTED[name] ?? null,
    scope: PER_DATABASE.includes(name) ? 'database' : 'server',
  }))
}

/** Only for who may look into the server's folder. */
async function walBytes(rows: Rows): Promise<number | null> {
  try {
    return (await rows<{ n: number }>('select sum(size)::bigint as n from pg_ls_waldir()'))[0]?.n ?? null
  } catch {
    return null
  }
}
