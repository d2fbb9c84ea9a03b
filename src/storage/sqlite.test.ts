import { expect, test } from 'bun:test'
import { testZimmer } from '../../test/zimmer.ts'
import { connect, type SqliteStorage } from './sqlite.ts'

test('what is read in a turn of the loop is of one state, unless this process writes: that is seen at once', async () => {
  await using zimmer = await testZimmer('sqlite')
  const storage = zimmer.app.storage as SqliteStorage
  const read = storage.direct<{ value: string }>('a_fact', "select value from facts where name = 'seen'")
  const seen = () => read()[0]?.value
  const write = (value: string) =>
    zimmer.app.write((tx) => tx.updateTable('facts').set({ value }).where('name', '=', 'seen').execute())
  await zimmer.app.write((tx) => tx.insertInto('facts').values({ name: 'seen', value: 'first' }).execute())
  const other = connect(storage.file)
  await new Promise(setImmediate)

  expect(seen()).toBe('first')
  other.run("update facts set value = 'of another process' where name = 'seen'")
  expect(seen()).toBe('first')
  await new Promise(setImmediate)
  expect(seen()).toBe('of another process')

  const held = Promise.withResolvers<void>()
  const holding = storage.lock.run(() => held.promise)
  const values = ['before the write', 'during the write']
  const all = values.map((value) => {
    other.run(`update facts set value = '${value}' where name = 'seen'`)
    return seen()
  })
  held.resolve()
  await holding
  expect(all).toEqual(values)
  await Promise.all(
    Array.from({ length: 50 }, async (_, nth) => {
      seen()
      await write(String(nth))
      expect(Number(seen())).toBeGreaterThanOrEqual(nth)
    }),
  )
  other.close()
})
