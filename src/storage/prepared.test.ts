import { describe, expect, test } from 'bun:test'
import { databases, testZimmer } from '../../test/zimmer.ts'
import { amongList, listOf } from './among.ts'
import { type Given, prepared } from './prepared.ts'

describe.each(databases)('a prepared query on %s', (database) => {
  test('is built once for each shape, and takes the values of each run', async () => {
    await using zimmer = await testZimmer(database)
    const { db, write } = zimmer.app
    await write(async (tx) => {
      for (const name of ['a', 'b', 'c']) {
        await tx
          .insertInto('facts')
          .values({ name, value: `of ${name}` })
          .execute()
      }
    })
    const built: string[] = []
    const facts = prepared((db, given: Given<{ from: string }>, { order }: { order: 'asc' | 'desc' }) => {
      built.push(order)
      return db
        .selectFrom('facts')
        .select('name')
        .where('name', '>=', given('from'))
        .where('name', 'in', ['a', 'b', 'c'])
        .orderBy('name', order)
    })
    const names = async (from: string, order: 'asc' | 'desc') =>
      (await facts(db, { from }, { order })).map(({ name }) => name).join('')
    expect(await names('a', 'asc')).toBe('abc')
    expect(await names('b', 'desc')).toBe('cb')
    expect(await names('b', 'asc')).toBe('bc')
    expect(await names("a' or 1 = 1 --", 'desc')).toBe('cb')
    expect(await write((tx) => facts(tx, { from: 'c' }, { order: 'asc' }))).toEqual([{ name: 'c' }])
    expect(built).toEqual(['asc', 'desc'])
  })

  test('takes a list of any length as one value', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 1 })
    const { db } = zimmer.app
    const users = prepared((db, given: Given<{ ids: string }>) =>
      db
        .selectFrom('users')
        .select('id')
        .where(amongList(db, 'id', given('ids'))),
    )
    const found = async (...ids: number[]) => (await users(db, { ids: listOf(db, ids) })).map(({ id }) => id)
    expect(await found()).toEqual([])
    expect(await found(alice.userId)).toEqual([alice.userId])
    expect(await found(-1, alice.userId, 2 ** 40)).toEqual([alice.userId])
  })
})
