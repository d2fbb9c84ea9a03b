import { describe, expect, test } from 'bun:test'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { auditLedger } from '../src/ledger/audit.ts'
import { Home } from './program.ts'
import { DyingDisk, noDyingDisk, noSmallDisk, SmallDisk } from './small-disk.ts'
import { until } from './until.ts'
import {
  Client,
  CONSUME,
  count,
  type Reply,
  type TestCustomer,
  type TestZimmer,
  testZimmer,
  times,
} from './zimmer.ts'

if (noSmallDisk) console.warn(`Full disks stay untested here: ${noSmallDisk}`)
if (noDyingDisk) console.warn(`A disk that turns read-only stays untested here: ${noDyingDisk}`)

const READS = [
  '/api/me',
  '/api/user/usage',
  '/api/user/usage?range=7d',
  '/api/user/dashboard',
  '/api/user/automations',
]

const openFiles = () => readdirSync('/proc/self/fd').length

async function expectReads(client: Client) {
  for (const path of READS) {
    const { status, text } = await client.get(path)
    expect({ path, status, text }).toMatchObject({ path, status: 200 })
  }
}

/** What is no consume needs the tables at once: it is refused, says why, and when to come back. */
async function expectWritesRefused(client: Client, manager: Client, { userAutomationId }: TestCustomer) {
  const adjustment = { user_automation_id: userAutomationId, delta_tokens: 5, reason: 'for a test' }
  const refused = [
    await client.put('/api/user/profile', { name: 'Somebody else' }),
    await manager.post('/api/admin/tokens/adjust', adjustment),
    await client.post('/api/auth/logout-all', {}),
  ]
  for (const reply of refused) expectRefusal(reply)
}

function expectRefusal({ status, headers, body, text }: Reply) {
  expect([503, 507]).toContain(status)
  expect(headers.get('content-type')).toStartWith('application/problem+json')
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  expect(body.requestId).toBeString()
  expect(text).not.toMatch(/zimmer-disk|ENOSPC|EROFS|sqlite/i)
}

/** Resolves with the first reply that is well: there is no restart, and nobody to press a button. */
async function untilWell(ask: () => Promise<Reply>): Promise<Reply> {
  const reply = await until(ask, ({ status }) => status === 200)
  expect(reply).toMatchObject({ status: 200 })
  return reply
}

/** The tables are tried again twice a second; meanwhile reads show what is in them. */
async function untilFolded(zimmer: TestZimmer, keys: number) {
  await until(
    () => keysInTables(zimmer),
    (found) => found.length >= keys,
  )
}

async function keysInTables(zimmer: TestZimmer) {
  const rows = await zimmer.app.db.selectFrom('token_usage').select('idempotency_key').execute()
  return rows.map((row) => row.idempotency_key).sort()
}

describe.skipIf(noSmallDisk !== null)('a full disk', () => {
  test('consumes go on in the room that they have, nothing else is written, and all of it resumes', async () => {
    using disk = new SmallDisk(64)
    await using zimmer = await testZimmer('sqlite', { config: { dataDir: disk.folder } })
    const customer = await zimmer.customer({ paidTokens: 1_000 })
    const manager = await zimmer.as('manager')
    expect((await zimmer.consume(customer, 1, 'before')).status).toBe(200)
    disk.fill()
    const replies = await times(100, (index) => zimmer.consume(customer, 1, `full-${index}`))
    expect(count(replies, 200)).toBe(100)
    await expectWritesRefused(customer.client, manager, customer)
    await expectReads(customer.client)
    expect(await zimmer.balance(customer)).toBe(899)
    disk.makeRoom()
    await untilWell(() => customer.client.put('/api/user/profile', { name: 'Somebody else' }))
    const keys = ['before', ...Array.from({ length: 100 }, (_, index) => `full-${index}`)].sort()
    expect(await keysInTables(zimmer)).toEqual(keys)
    expect((await customer.client.get('/api/user/usage')).body.total_tokens_remaining).toBe(899)
    expect((await auditLedger(zimmer.app.db)).failures).toEqual([])
  })

  test('what would not fit is refused; what was accepted is there, once, when there is room again', async () => {
    using disk = new SmallDisk(96)
    await using zimmer = await testZimmer('sqlite', { config: { dataDir: disk.folder } })
    const customer = await zimmer.customer({ paidTokens: 1_000_000 })
    expect((await zimmer.consume(customer, 1, 'first')).status).toBe(200)
    disk.fill()
    const accepted = ['first']
    let refused: Reply | undefined
    for (let round = 0; !refused; round++) {
      const reply = await consumeMany(zimmer, customer, round)
      if (reply.status === 200) accepted.push(...keysOf(round))
      else refused = reply
    }
    expectRefusal(refused)
    // A small one may find room where many did not.
    const small = await zimmer.consume(customer, 1, 'small')
    if (small.status === 200) accepted.push('small')
    else expectRefusal(small)
    await expectReads(customer.client)
    disk.makeRoom()
    await untilWell(() => zimmer.consume(customer, 1, 'after'))
    await untilFolded(zimmer, accepted.length + 1)
    expect(await keysInTables(zimmer)).toEqual([...accepted, 'after'].sort())
    expect(await zimmer.balance(customer)).toBe(1_000_000 - accepted.length - 1)
    expect((await auditLedger(zimmer.app.db)).failures).toEqual([])
  })

  test('without room for its journal the ledger spends nothing and leaves nothing open', async () => {
    using disk = new SmallDisk(64)
    await using zimmer = await testZimmer('sqlite', { config: { dataDir: disk.folder } })
    const customer = await zimmer.customer({ paidTokens: 1_000 })
    // Half of what it needs: it must not keep that half either.
    disk.fill(8 * 1_048_576)
    expectRefusal(await zimmer.consume(customer, 1, 'key-0'))
    const [free, open] = [disk.freeBytes, openFiles()]
    for (let index = 1; index < 20; index++) expectRefusal(await zimmer.consume(customer, 1, `key-${index}`))
    expect(await until(openFiles, (count) => count <= open)).toBeLessThanOrEqual(open)
    expect(disk.freeBytes).toBeGreaterThanOrEqual(free)
    expect(await zimmer.balance(customer)).toBe(1_000)
    await expectReads(customer.client)
    disk.makeRoom()
    const { body } = await untilWell(() => zimmer.consume(customer, 1, 'key-0'))
    expect(body).toMatchObject({ accepted: true, remaining_paid_tokens: 999 })
    expect(await keysInTables(zimmer)).toEqual(['key-0'])
  })

  test('a crash on it loses no acknowledged consume: the next start says that it needs room, and then has them', async () => {
    using disk = new SmallDisk(64)
    await using home = await Home.on('sqlite')
    const customer = await customerOn(disk.folder)
    home.env.ZIMMER_DATA_DIR = disk.folder
    const crashing = await home.serve()
    expect((await consumeAt(crashing.url, customer, 'before')).status).toBe(200)
    disk.fill()
    // More than the write-ahead log of the first one leaves room for, if that was brought into the tables by now.
    const replies = await times(500, (index) => consumeAt(crashing.url, customer, `full-${index}`))
    expect(count(replies, 200)).toBe(500)
    await crashing.kill()
    const refused = await home.run(['serve'])
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('make room') })
    disk.makeRoom()
    const server = await home.serve()
    const again = await times(500, (index) => consumeAt(server.url, customer, `full-${index}`))
    expect(again.map(({ body }) => body.usage_id)).toEqual(replies.map(({ body }) => body.usage_id))
    expect((await consumeAt(server.url, customer, 'after')).body.remaining_paid_tokens).toBe(498)
    expect(await server.stop()).toBe(0)
    expect(await home.run(['audit'])).toMatchObject({ code: 0 })
  })

  test('a first start on it leaves nothing that a later start stumbles over', async () => {
    using disk = new SmallDisk(8)
    await using home = await Home.on('sqlite')
    home.env.ZIMMER_DATA_DIR = disk.folder
    disk.fill()
    expect(await home.run(['serve'])).toMatchObject({ code: 2, err: expect.stringContaining('ENOSPC') })
    expect(existsSync(join(disk.folder, 'jwt-secret'))).toBe(false)
    disk.makeRoom()
    const server = await home.serve()
    expect((await server.client.get('/health')).status).toBe(200)
    expect(await server.stop()).toBe(0)
  })
})

describe.skipIf(noDyingDisk !== null)('a disk that turns read-only', () => {
  test('reads go on, writes are refused, and what was acknowledged is there after it is mended', async () => {
    using disk = new DyingDisk(64)
    await using home = await Home.on('sqlite')
    const customer = await customerOn(disk.folder)
    const manager = customer.manager
    home.env.ZIMMER_DATA_DIR = disk.folder
    const server = await home.serve()
    const at = (client: Client) => new Client(server.url, client.headers)
    const first = await times(50, (index) => consumeAt(server.url, customer, `first-${index}`))
    disk.becomeReadOnly()
    for (const reply of await times(20, (index) => consumeAt(server.url, customer, `refused-${index}`))) {
      expectRefusal(reply)
    }
    await expectWritesRefused(at(customer.client), at(manager), customer)
    await expectReads(at(customer.client))
    await server.kill()
    disk.recover()
    const mended = await home.serve()
    const again = await times(50, (index) => consumeAt(mended.url, customer, `first-${index}`))
    expect(again.map(({ body }) => body.usage_id)).toEqual(first.map(({ body }) => body.usage_id))
    const { body } = await consumeAt(mended.url, customer, 'refused-0')
    expect(body).toMatchObject({ accepted: true, remaining_paid_tokens: 949 })
    expect(await mended.stop()).toBe(0)
    expect(await home.run(['audit'])).toMatchObject({ code: 0 })
  })
})

const keysOf = (round: number) => Array.from({ length: 500 }, (_, index) => `${round}-${index}`)

function consumeMany(zimmer: TestZimmer, customer: TestCustomer, round: number) {
  const events = keysOf(round).map((idempotency_key) => ({
    user_automation_id: customer.userAutomationId,
    units: 1,
    usage_type: 'test',
    idempotency_key,
    meta: { text: 'x'.repeat(1_900) },
  }))
  return zimmer.service(customer).post(`${CONSUME}/batch`, { events })
}

/** Who is told that there are too many comes again, as many may be at once for a slow machine. */
function consumeAt(url: string, { userAutomationId, serviceToken }: TestCustomer, key: string) {
  const headers = { 'x-zimmer-service-token': serviceToken, 'idempotency-key': key }
  const body = { user_automation_id: userAutomationId, units: 1, usage_type: 'test' }
  return until(
    () => new Client(url, headers).post(CONSUME, body),
    (reply) => reply.body.code !== 'overloaded',
  )
}

/** A customer with 1,000 tokens in a data folder that a server is then started on, and a manager. */
async function customerOn(dataDir: string) {
  await using zimmer = await testZimmer('sqlite', { config: { dataDir } })
  return { ...(await zimmer.customer({ paidTokens: 1_000 })), manager: await zimmer.as('manager') }
}
