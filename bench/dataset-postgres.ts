import { SQL } from 'bun'
import { CommandError } from '../src/cli/exit.ts'
import { migratePostgres } from '../src/storage/migrate.ts'
import type { Cell } from './cells.ts'
import type { Filling, Target } from './filling.ts'
import { MARK, type Manifest, markOf } from './mark.ts'
import { DAYS } from './roll-ups.ts'
import { fill } from './rows.ts'

const WITH_IDS =
  `users automations service_tokens user_automations lots adjustments audit_log sessions`.split(' ')
const LARGE = ['token_usage', 'lots', 'user_automations', 'users', 'sessions']

/**
 * Fills an empty database by COPY; the indexes of large tables are made when the rows are there.
 *
 * @throws CommandError when it is not empty.
 */
export async function makePostgres(url: string, manifest: Manifest, filling: Filling) {
  const sql = new SQL({ url, max: 1 })
  try {
    const [found] = (await sql.unsafe(
      'select count(*)::int as tables from pg_tables where schemaname = current_schema()',
    )) as [{ tables: number }]
    if (found.tables > 0)
      throw new CommandError('the database is not empty: nothing was written; name an empty one')
    await migratePostgres(sql, Date.now())
    const indexes = (await sql.unsafe(`select indexname as name, indexdef as definition from pg_indexes
      where schemaname = current_schema() and tablename in (${LARGE.map((name) => `'${name}'`).join(', ')})
        and indexname not in (select conname from pg_constraint)`)) as { name: string; definition: string }[]
    for (const { name } of indexes) await sql.unsafe(`drop index ${name}`)
    await fill(postgresTarget(sql), manifest.size, filling)
    await sql.unsafe(`set maintenance_work_mem = '256MB'`)
    for (const { definition } of indexes) await sql.unsafe(definition)
    await sql.unsafe('insert into facts (name, value) values ($1, $2)', [MARK, markOf(manifest)])
    for (const table of WITH_IDS) {
      await sql.unsafe(
        `select setval(pg_get_serial_sequence('${table}', 'id'), (select max(id) from ${table}))`,
      )
    }
    await sql.unsafe(`select setval('token_usage_id', ${manifest.size.usageRows + 1_000})`)
    await sql.unsafe('vacuum analyze')
    await sql.unsafe('checkpoint')
  } finally {
    await sql.close()
  }
}

/** As COPY's text format has it. */
const escaped = (cell: Cell) =>
  cell === null ? '\\N' : typeof cell === 'number' ? String(cell) : cell.replaceAll(/[\\\t\n\r]/g, ' ')

function postgresTarget(sql: SQL): Target {
  const copy = async (table: string, columns: readonly string[], text: string) => {
    const writer = sql
      .unsafe(`copy ${table} (${columns.join(', ')}) from stdin`)
      .writable()
      .getWriter()
    await writer.write(text)
    await writer.close()
  }
  return {
    insert: async (table, columns, cells) => {
      const width = columns.length
      let text = ''
      cells.forEach((cell, index) => {
        text += escaped(cell) + ((index + 1) % width === 0 ? '\n' : '\t')
      })
      if (text) await copy(table, columns, text)
    },
    days: async (day, groups) => {
      let text = ''
      for (let at = 0; at < groups.count; at++) {
        text += `${day}\t${groups.subscriptions[at]}\t${groups.tokens[at]}\t${groups.events[at]}`
        text += `\t${groups.hours.subarray(at * 24, at * 24 + 24).join('\t')}\n`
        if (text.length < 1_000_000) continue
        await copy('usage_days', DAYS, text)
        text = ''
      }
      if (text) await copy('usage_days', DAYS, text)
    },
  }
}
