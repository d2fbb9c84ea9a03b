import { describe, expect, test } from 'bun:test'
import { databases, testZimmer, times } from '../../test/zimmer.ts'
import { Refusal } from '../lib/refusal.ts'

describe.each(databases)('a broken UNIQUE on %s', (database) => {
  test('that no verb foresaw is a conflict, not a failure, and changes nothing', async () => {
    await using zimmer = await testZimmer(database)
    const insert = () =>
      zimmer.app.write(async (tx) => {
        await tx.insertInto('facts').values({ name: 'before', value: '1' }).execute()
        await tx.insertInto('facts').values({ name: 'twice', value: '1' }).execute()
      })
    const outcomes = await times(10, () =>
      insert().then(
        () => 'done',
        (error) => error,
      ),
    )
    const refused = outcomes.filter((outcome) => outcome instanceof Refusal)
    expect(refused).toHaveLength(9)
    expect(new Set(refused.map(({ kind, code }) => `${kind} ${code}`))).toEqual(
      new Set(['conflict already_there']),
    )
    // The name of the index is for the log.
    expect(refused.every(({ message }) => !/facts|unique/i.test(message))).toBe(true)
    expect(refused[0]?.details.cause).toMatch(/facts/)
  })

  test('another rule that is broken stays a failure', async () => {
    await using zimmer = await testZimmer(database)
    const wrong = zimmer.app.write((tx) =>
      tx
        .insertInto('facts')
        .values({ name: 'empty', value: null as never })
        .execute(),
    )
    const error = await wrong.catch((caught) => caught)
    expect(error).toBeInstanceOf(Error)
    expect(error).not.toBeInstanceOf(Refusal)
  })
})
