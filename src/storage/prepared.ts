import { type Compilable, type CompiledQuery, type RawBuilder, sql } from 'kysely'
import { isSqlite } from './among.ts'
import type { Db, Tx, Value } from './storage.ts'

type Values = Record<string, Value | boolean>
/** Stands for a value of that name, which is given at each run. */
export type Given<V extends Values> = <Name extends keyof V & string>(name: Name) => RawBuilder<V[Name]>

class Hole {
  constructor(readonly name: string) {}
}

const given = (name: string) => sql`${new Hole(name)}`

/**
 * A query that is built and compiled once for each database, and for each `shape` where its text depends on more than
 * values: for hot reads, of which building takes as long as running. There have to be few shapes, for all are kept.
 */
export function prepared<V extends Values, Row, Shape extends Values = Record<string, never>>(
  build: (db: Db, given: Given<V>, shape: Shape) => Compilable<Row>,
) {
  const kept = new Map<string, CompiledQuery<Row>>()
  return async (db: Db | Tx, values: V, shape?: Shape): Promise<Row[]> => {
    const key = isSqlite(db) + (shape ? JSON.stringify(shape) : '')
    let query = kept.get(key)
    if (!query) {
      query = build(db, given as Given<V>, shape as Shape).compile()
      kept.set(key, query)
    }
    const parameters = query.parameters.map((value) => (value instanceof Hole ? values[value.name] : value))
    const { rows } = await db.executeQuery<Row>({ ...query, parameters })
    return rows
  }
}
