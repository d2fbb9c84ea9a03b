import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { migrateSqlite } from './migrate.ts'

test('an SQLite that is too old is refused before it changes anything', () => {
  const database = new Database(':memory:')
  const query = database.query.bind(database)
  let version = '3.51.2'
  database.query = ((text: string) =>
    query(text.includes('sqlite_version') ? `select '${version}' as version` : text)) as typeof query
  expect(() => migrateSqlite(database, 0)).toThrow('SQLite 3.51.2 is too old: 3.51.3 is needed')
  expect(query('select name from sqlite_master').all()).toEqual([])
  version = '3.51.3'
  expect(migrateSqlite(database, 0).pending.length).toBeGreaterThan(0)
})
