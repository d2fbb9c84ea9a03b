import { describe, expect, test } from 'bun:test'
import { databases, type TestZimmer, testZimmer } from '../../test/zimmer.ts'
import { Random } from '../demo/random.ts'
import { needleOf, searchText } from './search-text.ts'
import type { Tx } from './storage.ts'
import { ANY, countFound, ROLES, searchUsers, type UserKinds } from './user-search.ts'

const FIRST_NAMES = ['Anna', 'Bob', 'José', 'مریم', 'Zed', 'Li', 'Ömer', 'Max']
const LAST_NAMES = ['Smith', "O'Brien", 'Ng', 'صادقی', 'Lee', 'Kowalski']
const SEARCHES = ['anna', 'smi', "o'b", 'ex1', 'ex1.test', 'l', 'مری', 'jose', 'u1', '99', 'kowalski', 'zzz']
const KINDS: UserKinds[] = [
  ANY,
  { roles: ['customer'], is_active: true, email_verified: false },
  { roles: ['manager', 'support_staff'], is_active: null, email_verified: true },
]
const ROUNDS = 10
const WRITES = 200

describe.each(databases)('the index that users are searched by, on %s', (database) => {
  test('holds what the table holds, whatever was written', async () => {
    await using zimmer = await testZimmer(database)
    const random = new Random(7)
    for (let round = 1; round <= ROUNDS; round++) {
      const isUndone = round % 4 === 0
      const written = zimmer.app.write(async (tx) => {
        for (let i = 0; i < WRITES; i++) await writeSomething(tx, random)
        if (isUndone) throw new Error('undone')
      })
      if (isUndone) await expect(written).rejects.toThrow('undone')
      else await written
      for (const kinds of KINDS) await compare(zimmer, kinds, `round ${round}`)
    }
  })
})

async function writeSomething(tx: Tx, random: Random): Promise<unknown> {
  const kind = () => ({
    role: random.pick(ROLES),
    is_active: random.pick([0, 1] as const),
    email_verified: random.pick([0, 1] as const),
  })
  const name = () => `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)}`
  const add = (id?: number) =>
    tx
      .insertInto('users')
      .values({
        ...(id === undefined ? {} : { id }),
        ...kind(),
        name: name(),
        email: `u${random.between(0, 1e9)}.${random.between(0, 1e6)}@ex${random.between(0, 4)}.test`,
        created_at: tx.now,
        updated_at: tx.now,
      })
      .execute()
  const one = await tx
    .selectFrom('users')
    .select('id')
    .orderBy('id', 'desc')
    .limit(1)
    .offset(random.between(0, 499))
    .executeTakeFirst()
  const what = random.between(0, 9)
  if (what < 6 || !one) return add()
  const update = tx.updateTable('users').where('id', '=', one.id)
  if (what === 6) return update.set({ name: name() }).execute()
  if (what === 7) {
    const { role, is_active, email_verified } = kind()
    return update.set(random.pick([{ role }, { is_active }, { email_verified }])).execute()
  }
  if (what === 8) return update.set({ last_login_at: tx.now }).execute()
  await tx.deleteFrom('users').where('id', '=', one.id).execute()
  return random.chance(0.5) && add(one.id)
}

async function compare({ app }: TestZimmer, kinds: UserKinds, when: string) {
  const { roles, is_active, email_verified } = kinds
  const users = await app.db
    .selectFrom('users')
    .select(['id', 'name', 'email', 'role', 'is_active', 'email_verified'])
    .orderBy('id', 'desc')
    .execute()
  const ofKind = users.filter(
    (user) =>
      (roles?.includes(user.role) ?? true) &&
      (is_active === null || user.is_active === Number(is_active)) &&
      (email_verified === null || user.email_verified === Number(email_verified)),
  )
  for (const text of SEARCHES) {
    const needle = needleOf(text) as string
    const wanted = ofKind.filter(({ name, email }) => searchText(name, email).includes(needle))
    const all = { before: 100_000, limit: 100_000 }
    const { ids } = await searchUsers(app.db, text, kinds, all)
    expect([when, text, ids]).toEqual([when, text, wanted.map(({ id }) => id)])
    expect((await countFound(app.db, text, kinds, all)).count).toBe(ids.length)
  }
}
