import { describe, expect, test } from 'bun:test'
import { SignJWT } from 'jose'
import { databases, testZimmer } from '../../test/zimmer.ts'
import { callers } from './callers.ts'

describe.each(databases)('callers on %s', (database) => {
  test('smoke', async () => {
    await using zimmer = await testZimmer(database)
    const u = await zimmer.user('manager')
    const { Incoming } = await import('../http/incoming.ts')
    const req = () =>
      new Incoming(new Request('http://x/', { headers: u.client.headers }) as never, {} as never, [])
    const c = callers(zimmer.app)
    console.log(await c.managers.resolve(req()), c.signedIn.resolve(req()))
    expect(SignJWT).toBeDefined()
  })
})
