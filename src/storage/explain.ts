import type { PostgresStorage } from './postgres.ts'
import { runOn, sqlState } from './postgres.ts'
import type { SqliteStorage } from './sqlite.ts'

export interface Plan {
  /** The database's own words, a step a line; empty when it has no plan for the statement. */
  lines: string[]
  /** Why there is none, or what to know about it. */
  note: string | null
}

const ABOUT = 'What the database would do now, for values that are not known; it was not run'
/** Prepared statements belong to their connection, which is ours alone while it is reserved. */
const NAME = 'zimmer_explained'

/** How the database would run a statement of ours, with its parameters left open. It is never run. */
export async function explainPlan(storage: SqliteStorage | PostgresStorage, sql: string): Promise<Plan> {
  try {
    const lines = storage.dialect === 'sqlite' ? sqliteLines(storage, sql) : await postgresLines(storage, sql)
    return lines.length > 0 ? { lines, note: ABOUT } : { lines, note: 'The database makes no plan for it' }
  } catch (error) {
    const known = error instanceof Error && ('byteOffset' in error || sqlState(error) !== null)
    if (!known) throw error
    return { lines: [], note: `The database makes no plan for it: ${error.message}` }
  }
}

interface Step {
  id: number
  parent: number
  detail: string
}

function sqliteLines({ reader }: SqliteStorage, sql: string): string[] {
  // Only a statement that runs notices that another connection has changed the schema.
  reader.query('select 1 from sqlite_schema limit 1').get()
  const statement = reader.prepare(`explain query plan ${sql}`)
  try {
    // Unknown values are null: SQLite plans by the shape of a statement.
    const steps = statement.all(...Array<null>(statement.paramsCount).fill(null)) as Step[]
    const depths = new Map([[0, -1]])
    return steps.map(({ id, parent, detail }) => {
      const depth = (depths.get(parent) ?? -1) + 1
      depths.set(id, depth)
      return '  '.repeat(depth) + detail
    })
  } finally {
    statement.finalize()
  }
}

/** As a plan for any values, which PostgreSQL below 16 shows for prepared statements only. */
async function postgresLines({ sql: pool }: PostgresStorage, sql: string): Promise<string[]> {
  const connection = await pool.reserve()
  try {
    await connection.unsafe('begin read only')
    await connection.unsafe('set local plan_cache_mode = force_generic_plan')
    await connection.unsafe(`prepare ${NAME} as ${sql}`).simple()
    const [known] = await runOn(
      connection,
      `select cardinality(parameter_types) as parameters from pg_prepared_statements where name = '${NAME}'`,
    )
    const { parameters } = known as { parameters: number }
    const values = parameters > 0 ? `(${Array(parameters).fill('null').join(', ')})` : ''
    const rows = await connection.unsafe(`explain execute ${NAME}${values}`).simple()
    return (rows as { 'QUERY PLAN': string }[]).map((row) => row['QUERY PLAN'])
  } finally {
    await connection.unsafe('rollback').catch(() => {})
    await connection.unsafe(`deallocate ${NAME}`).catch(() => {})
    connection.release()
  }
}
