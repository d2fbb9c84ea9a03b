import { Database } from 'bun:sqlite'
import { randomBytes } from 'node:crypto'
import {
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SQL } from 'bun'
import { progress as progressLine } from '../src/cli/progress.ts'
import { sha256 } from '../src/lib/secret.ts'
import { migratePostgres, migrateSqlite } from '../src/storage/migrate.ts'
import { migrations, render } from '../src/storage/migrations/list.ts'
import type { Size } from './population.ts'
import { fill } from './rows.ts'

/** Raise it when rows.ts fills in something else. */
const CONTENTS = 1

export interface Dataset {
  size: Size
  /** Service tokens; the first belongs to automation 1. */
  serviceTokens: string[]
}

export interface SqliteDataset extends Dataset {
  file: string
}

/** A folder of this user's own for what the benchmark keeps between runs. */
export function benchFolder() {
  const folder = join(tmpdir(), `zimmer-bench-${process.getuid?.() ?? 0}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return folder
}

/** The data set as a SQLite file: made once, found again as long as schema, size and day are the same. */
export async function sqliteDataset(size: Size): Promise<SqliteDataset> {
  const schema = migrations.map((migration) => render(migration, 'sqlite'))
  const today = Math.floor(Date.now() / 86_400_000)
  const name = Bun.hash(JSON.stringify([CONTENTS, schema, size, today])).toString(36)
  const folder = join(benchFolder(), `sqlite-${name}`)
  const file = join(folder, 'zimmer.db')
  const tokensFile = join(folder, 'service-tokens.json')
  if (!existsSync(folder)) {
    const making = `${folder}.${process.pid}`
    rmSync(making, { recursive: true, force: true })
    mkdirSync(making)
    const serviceTokens = makeTokens(size)
    await makeSqlite(join(making, 'zimmer.db'), size, serviceTokens)
    writeFileSync(join(making, 'service-tokens.json'), JSON.stringify(serviceTokens), { mode: 0o600 })
    renameSync(making, folder)
  }
  return { size, file, serviceTokens: JSON.parse(readFileSync(tokensFile, 'utf8')) as string[] }
}

/** A data folder of its own for one server. */
export function copyInto(dataset: SqliteDataset, folder: string) {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, 'zimmer.db')
  copyFileSync(dataset.file, file, constants.COPYFILE_FICLONE)
  return file
}

/** Fills an empty PostgreSQL database with the same contents. */
export async function fillPostgres(url: string, size: Size): Promise<Dataset> {
  const sql = new SQL({ url, max: 1 })
  try {
    await migratePostgres(sql, Date.now())
    const serviceTokens = makeTokens(size)
    const insert = async (table: string, rows: readonly Record<string, unknown>[]) => {
      const columns = Object.keys(rows[0] ?? {})
      if (columns.length === 0) return
      const list = columns.join(', ')
      await sql.unsafe(
        `insert into ${table} (${list}) select ${list}
        from json_populate_recordset(null::${table}, $1::text::json)`,
        [JSON.stringify(rows)],
      )
    }
    await filled('PostgreSQL data set', { insert }, size, serviceTokens)
    for (const table of ['users', 'automations', 'service_tokens', 'user_automations', 'lots']) {
      await sql.unsafe(
        `select setval(pg_get_serial_sequence('${table}', 'id'), (select max(id) from ${table}))`,
      )
    }
    await sql.unsafe(`select setval('token_usage_id', ${size.usageRows + 1_000})`)
    await sql.unsafe('vacuum analyze')
    await sql.unsafe('checkpoint')
    return { size, serviceTokens }
  } finally {
    await sql.close()
  }
}

async function makeSqlite(file: string, size: Size, serviceTokens: string[]) {
  const database = new Database(file, { create: true })
  try {
    database.run('pragma journal_mode = off')
    database.run('pragma synchronous = off')
    migrateSqlite(database, Date.now())
    const indexes = database
      .query(`select name, sql from sqlite_master where type = 'index' and sql is not null
        and tbl_name in ('token_usage', 'lots', 'user_automations')`)
      .all() as { name: string; sql: string }[]
    for (const { name } of indexes) database.run(`drop index ${name}`)
    const insert = (table: string, rows: readonly Record<string, string | number | null>[]) => {
      const columns = Object.keys(rows[0] ?? {})
      if (columns.length === 0) return
      const places = columns.map(() => '?').join(', ')
      const statement = database.query(`insert into ${table} (${columns.join(', ')}) values (${places})`)
      database.transaction(() => {
        for (const row of rows) statement.run(...Object.values(row))
      })()
    }
    await filled('SQLite data set', { insert }, size, serviceTokens)
    for (const { sql } of indexes) database.run(sql)
    database.run('pragma journal_mode = wal')
  } finally {
    database.close()
  }
}

async function filled(what: string, target: Parameters<typeof fill>[0], size: Size, serviceTokens: string[]) {
  const now = Date.now()
  const bar = progressLine(`${what}, usage rows`)
  const tokens = serviceTokens.map((token, index) => ({
    id: index + 1,
    automation_id: index + 1,
    prefix: token.slice(4, 12),
    hash: sha256(token),
    scopes: 'consume',
    created_at: now,
  }))
  await fill(target, size, { tokens, now, progress: (done) => bar.at(done, size.usageRows) })
  bar.end()
}

const makeTokens = ({ automations }: Size) =>
  Array.from(
    { length: automations },
    () => `zst_${randomBytes(4).toString('hex')}_${randomBytes(32).toString('base64url')}`,
  )
