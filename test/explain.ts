import { sql } from 'kysely'
import type { Sent } from './statements.ts'
import type { DatabaseName, TestZimmer } from './zimmer.ts'

/**
 * The plan of a statement in the database's own words. Tables of a test are small, so PostgreSQL is told to
 * read none of them from end to end where it has a choice; SQLite goes by the shape of the statement alone.
 */
export async function explain({ app }: TestZimmer, database: DatabaseName, sent: Sent): Promise<string> {
  let position = 0
  const filled = sent.sql.replace(/\?|\$(\d+)/g, (_, number?: string) =>
    literal(sent.parameters[number ? Number(number) - 1 : position++]),
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

const literal = (value: unknown) =>
  typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value)
