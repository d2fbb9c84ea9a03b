import { describe, expect, test } from 'bun:test'
import { setActive, setRole, startSession, updateProfile } from '../src/accounts/accounts.ts'
import { changePassword } from '../src/accounts/profile.ts'
import { revokeSession } from '../src/accounts/sessions.ts'
import { Client, databases, type TestZimmer, testZimmer, times } from './zimmer.ts'

/** Of each kind; ZIMMER_TEST_STALE=10000 makes it a longer look. */
const TRIES = Number(process.env.ZIMMER_TEST_STALE ?? 1_000)
const AT_ONCE = 20

interface Person {
  userId: number
  sessionId: number
  client: Client
  by: { staffId: number; ip: null; requestId: null }
}

/** Changes something, and says what a request sees that must not see it as it was. */
type Try = (zimmer: TestZimmer, person: Person, nth: number) => Promise<{ seen: unknown; wanted: unknown }>

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

const statusOf = async (client: Client, path = '/api/me') => (await client.get(path)).status

/**
 * Two in three times the cache is warm, or a load of the same is under way: it begins before the change and ends
 * whenever it does.
 */
async function unsettle(zimmer: TestZimmer, { userId, client }: Person, nth: number, path = '/api/me') {
  if (nth % 3 === 0) return
  await client.get(path)
  if (nth % 3 === 1) return
  zimmer.app.caches.versions.bump([`user:${userId}`])
  for (let i = 0; i < 3; i++) void client.get(path)
  if (nth % 2) await Bun.sleep(0)
}

const tries: Record<string, Try> = {
  'a revoked session': async (zimmer, { userId, by }, nth) => {
    const session = await signedIn(zimmer, userId)
    await unsettle(zimmer, { userId, by, ...session }, nth)
    const { sessionId } = session
    await zimmer.app.write((tx) => revokeSession(tx, { userId, sessionId, reason: 'revoked' }))
    return { seen: await statusOf(session.client), wanted: 401 }
  },
  'a deactivated user': async (zimmer, { userId, by }, nth) => {
    const session = await signedIn(zimmer, userId)
    await unsettle(zimmer, { userId, by, ...session }, nth)
    await zimmer.app.write((tx) => setActive(tx, { userId, isActive: false }, by))
    const seen = await statusOf(session.client)
    await zimmer.app.write((tx) => setActive(tx, { userId, isActive: true }, by))
    return { seen, wanted: 401 }
  },
  'a demoted user': async (zimmer, person, nth) => {
    const { userId, by, client } = person
    const path = '/api/admin/dashboard'
    await zimmer.app.write((tx) => setRole(tx, { userId, role: 'support_staff' }, by))
    await unsettle(zimmer, person, nth, path)
    await zimmer.app.write((tx) => setRole(tx, { userId, role: 'customer' }, by))
    return { seen: await statusOf(client, path), wanted: 403 }
  },
  'a changed password': async (zimmer, { userId, sessionId, by, client }, nth) => {
    const other = await signedIn(zimmer, userId)
    await unsettle(zimmer, { userId, by, ...other }, nth)
    const hashes = { verifiedHash: `hash ${nth % 2}`, newHash: `hash ${(nth + 1) % 2}` }
    await zimmer.app.write(async (tx) => {
      await tx
        .updateTable('users')
        .set({ password_hash: hashes.verifiedHash })
        .where('id', '=', userId)
        .execute()
      return changePassword(tx, { userId, sessionId }, hashes)
    })
    const seen = [await statusOf(other.client), await statusOf(client)]
    return { seen, wanted: [401, 200] }
  },
  'an edited profile': async (zimmer, person, nth) => {
    await unsettle(zimmer, person, nth)
    const name = `Name ${nth}`
    await zimmer.app.write((tx) => updateProfile(tx, person.userId, { name }, null))
    return { seen: (await person.client.get('/api/me')).body.name, wanted: name }
  },
}

describe.each(databases)('nothing stale is read on %s', (database) => {
  test.each(Object.entries(tries))(
    '%s',
    async (_, attempt) => {
      await using zimmer = await testZimmer(database)
      const manager = await zimmer.user('manager')
      const by = { staffId: manager.userId, ip: null, requestId: null }
      const stale: unknown[] = []
      await times(AT_ONCE, async (worker) => {
        const { userId } = await zimmer.user('customer')
        const person = { userId, by, ...(await signedIn(zimmer, userId)) }
        for (let nth = worker; nth < TRIES; nth += AT_ONCE) {
          const { seen, wanted } = await attempt(zimmer, person, Math.floor(nth / AT_ONCE))
          if (!Bun.deepEquals(seen, wanted)) stale.push({ nth, seen, wanted })
        }
      })
      expect(stale).toEqual([])
      // What was kept, and would have been served.
      const dropped = zimmer.app.caches.all.reduce((sum, { counts }) => sum + counts.stale, 0)
      expect(dropped).toBeGreaterThan(TRIES / 4)
    },
    600_000,
  )
})
