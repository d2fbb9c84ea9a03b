import { type CompiledQuery, sql } from 'kysely'
import type { DatabaseName, TestZimmer } from './zimmer.ts'

/**
 * The plan of a query in the database's own words. Tables of a test are small, so PostgreSQL is told to read none of
 * them from end to end; SQLite goes by the shape of the query alone.
 */
export async function explain(
  { app }: TestZimmer,
  database: DatabaseName,
  query: { compile(): CompiledQuery },
): Promise<string> {
  const { sql: text, parameters } = query.compile()
  const literal = (value: unknown) =>
    typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : `${value}`
  const filled = parameters.reduce<string>(
    (filling, value) => filling.replace(/\?|\$\d+/, () => literal(value)),
    text,
  )
  if (database === 'sqlite') {
    const { rows } = await sql.raw<{ detail: string }>(`explain query plan ${filled}`).execute(app.db)
    return rows.map(({ detail }) => detail).join('\n')
  }
  return app.write(async (tx) => {
    await sql`set local enable_seqscan = off`.execute(tx)
    const { rows } = await sql.raw<{ 'QUERY PLAN': string }>(`explain ${filled}`).execute(tx)
    return rows.map((row) => row['QUERY PLAN']).join('\n')
  })
}
