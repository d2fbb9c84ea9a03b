import { describe, expect, test } from 'bun:test'
import { setActive, setRole, startSession, updateProfile } from '../src/accounts/accounts.ts'
import { hashPassword } from '../src/accounts/password.ts'
import { changePassword } from '../src/accounts/profile.ts'
import { revokeSession } from '../src/accounts/sessions.ts'
import { Client, databases, type TestZimmer, testZimmer, times } from './zimmer.ts'

/** Of each kind. PostgreSQL, where each is a transaction with a server, has fewer unless it is asked for more. */
const TRIES = { sqlite: 10_000, postgres: 1_000 }
const triesOn = (database: keyof typeof TRIES) => Number(process.env.ZIMMER_TEST_STALE ?? TRIES[database])
const AT_ONCE = 20

interface Person {
  userId: number
  sessionId: number
  client: Client
  by: { staffId: number; ip: null; requestId: null }
}

/** Something that is about to change, and what a request sees that must not see it as it was. */
interface Try {
  client: Client
  path?: string
  change(): Promise<unknown>
  look(): Promise<unknown>
  wanted: unknown
  /** As it was, for the next. */
  mend?(): Promise<unknown>
}

async function signedIn(zimmer: TestZimmer, userId: number) {
  const role = 'customer'
  const session = await zimmer.app.write((tx) =>
    startSession(tx, zimmer.app.config.jwtSecret, { id: userId, role }, { ip: null, userAgent: null }),
  )
  return {
    sessionId: session.sessionId,
    client: new Client(zimmer.url, { authorization: `Bearer ${session.accessToken}` }),
  }
}

const ME = '/api/me'
const statusOf = async (client: Client, path = ME) => (await client.get(path)).status

/**
 * Two in three times the cache is warm, or a load of the same is under way: it begins before the change and ends
 * whenever it does.
 */
async function unsettle(zimmer: TestZimmer, userId: number, { client, path = ME }: Try, nth: number) {
  if (nth % 3 === 0) return
  await client.get(path)
  if (nth % 3 === 1) return
  zimmer.app.caches.versions.bump([`user:${userId}`])
  for (let i = 0; i < 3; i++) void client.get(path)
  if (nth % 2) await Bun.sleep(0)
}

const kinds: Record<string, (zimmer: TestZimmer, person: Person, nth: number) => Promise<Try>> = {
  'a revoked session': async (zimmer, { userId }) => {
    const { client, sessionId } = await signedIn(zimmer, userId)
    const reason = 'revoked'
    return {
      client,
      change: () => zimmer.app.write((tx) => revokeSession(tx, { userId, sessionId, reason })),
      look: () => statusOf(client),
      wanted: 401,
    }
  },
  'a deactivated user': async (zimmer, { userId, by }) => {
    const { client } = await signedIn(zimmer, userId)
    const set = (isActive: boolean) => zimmer.app.write((tx) => setActive(tx, { userId, isActive }, by))
    return {
      client,
      change: () => set(false),
      look: () => statusOf(client),
      wanted: 401,
      mend: () => set(true),
    }
  },
  'a demoted user': async (zimmer, { userId, by, client }) => {
    const path = '/api/admin/dashboard'
    const set = (role: 'customer' | 'support_staff') =>
      zimmer.app.write((tx) => setRole(tx, { userId, role }, by))
    await set('support_staff')
    return { client, path, change: () => set('customer'), look: () => statusOf(client, path), wanted: 403 }
  },
  // The verb alone: argon2 takes a thousand times as long, and nothing of it is cached.
  'a changed password': async (zimmer, { userId, sessionId, client }, nth) => {
    const other = await signedIn(zimmer, userId)
    const hashes = { verifiedHash: `hash ${nth % 2}`, newHash: `hash ${(nth + 1) % 2}` }
    return {
      client: other.client,
      change: () =>
        zimmer.app.write(async (tx) => {
          const password_hash = hashes.verifiedHash
          await tx.updateTable('users').set({ password_hash }).where('id', '=', userId).execute()
          return changePassword(tx, { userId, sessionId }, hashes)
        }),
      look: async () => [await statusOf(other.client), await statusOf(client)],
      wanted: [401, 200],
    }
  },
  'an edited profile': async (zimmer, { userId, client }, nth) => {
    const name = `Name ${nth}`
    return {
      client,
      change: () => zimmer.app.write((tx) => updateProfile(tx, userId, { name }, null)),
      look: async () => (await client.get(ME)).body.name,
      wanted: name,
    }
  },
}

async function someone(zimmer: TestZimmer, staffId: number): Promise<Person> {
  const { userId } = await zimmer.user('customer')
  return { userId, by: { staffId, ip: null, requestId: null }, ...(await signedIn(zimmer, userId)) }
}

describe.each(databases)('nothing stale is read on %s', (database) => {
  test.each(Object.entries(kinds))(
    '%s',
    async (_, kind) => {
      await using zimmer = await testZimmer(database)
      // On a machine where a node hears itself late it would keep nothing, and nothing could be stale.
      zimmer.app.caches.isTrusted = () => true
      const manager = await zimmer.user('manager')
      const stale: unknown[] = []
      await times(AT_ONCE, async (worker) => {
        const person = await someone(zimmer, manager.userId)
        for (let nth = worker; nth < triesOn(database); nth += AT_ONCE) {
          const round = Math.floor(nth / AT_ONCE)
          const attempt = await kind(zimmer, person, round)
          await unsettle(zimmer, person.userId, attempt, round)
          await attempt.change()
          const seen = await attempt.look()
          if (!Bun.deepEquals(seen, attempt.wanted)) stale.push({ nth, seen, wanted: attempt.wanted })
          await attempt.mend?.()
        }
      })
      expect(stale).toEqual([])
      // What was kept, and would have been served.
      const dropped = zimmer.app.caches.all.reduce((sum, { counts }) => sum + counts.stale, 0)
      expect(dropped).toBeGreaterThan(triesOn(database) / 4)
    },
    900_000,
  )

  /** Whoever calls, and what the reply says: each is kept in a cache of its own. */
  const held = ['principals', 'responses'].flatMap((cache) =>
    Object.entries(kinds).map(([name, kind]) => [name, cache, kind] as const),
  )
  test.each(held)('%s, while a load for %s has read and not kept yet', async (_, cache, kind) => {
    await using zimmer = await testZimmer(database)
    const manager = await zimmer.user('manager')
    const person = await someone(zimmer, manager.userId)
    const { client, path = ME, change, look, wanted } = await kind(zimmer, person, 0)
    zimmer.app.caches.versions.bumpAll()
    const gate = holdFirstLoad(zimmer, cache)
    const early = client.get(path)
    await gate.hasRead
    await change()
    // Who asks now may wait for that load, but must not be served what it has read.
    const late = look()
    await Promise.race([gate.joined, late])
    gate.release()
    expect(await late).toEqual(wanted)
    await early
    expect(await look()).toEqual(wanted)
  })

  test('a password that is changed with all that belongs to it', async () => {
    await using zimmer = await testZimmer(database)
    const passwords = ['correct horse battery 1', 'correct horse battery 2'] as const
    const hash = await hashPassword(passwords[0])
    await times(3, async () => {
      const person = await someone(zimmer, 0)
      await zimmer.app.write((tx) =>
        tx.updateTable('users').set({ password_hash: hash }).where('id', '=', person.userId).execute(),
      )
      const other = await signedIn(zimmer, person.userId)
      for (let nth = 0; nth < 4; nth++) {
        const own = await signedIn(zimmer, person.userId)
        const [current, next] = nth % 2 ? [passwords[1], passwords[0]] : passwords
        expect(await statusOf(own.client)).toBe(200)
        const body = { current_password: current, new_password: next, confirm_password: next }
        expect((await person.client.post('/api/user/password', body)).status).toBe(200)
        expect([await statusOf(own.client), await statusOf(other.client)]).toEqual([401, 401])
        expect(await statusOf(person.client)).toBe(200)
      }
    })
  })
})

/** The first load of a cache stands between its read and its keep until it is released. */
function holdFirstLoad({ app }: TestZimmer, name: string) {
  const cache = app.caches.all.find((one) => one.name === name)
  if (!cache) throw new Error(`no cache ${name}`)
  const { promise: hasRead, resolve: read } = Promise.withResolvers<void>()
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const { promise: joined, resolve: join } = Promise.withResolvers<void>()
  const load = cache.load.bind(cache)
  let isHeld = false
  cache.load = (key, work) => {
    if (isHeld) {
      join()
      return load(key, work)
    }
    isHeld = true
    return load(key, async () => {
      const loaded = await work()
      read()
      await released
      return loaded
    })
  }
  return { hasRead, joined, release }
}
