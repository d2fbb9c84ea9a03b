import { describe, expect, test } from 'bun:test'
import { connect } from 'node:net'
import { Statements } from '../../test/statements.ts'
import { until } from '../../test/until.ts'
import { reversedBefore, usedBefore, usesBefore } from '../../test/usage.ts'
import { databases, testZimmer } from '../../test/zimmer.ts'
import { cell } from '../lib/csv.ts'
import { DAY_MS, dayOf, dayText } from '../lib/time.ts'

const URL = '/api/user/usage/export'
const HEADING = 'usage_id,created_at,automation,tokens,type,note'
const lines = (text: string) => text.trimEnd().split('\r\n').slice(1)

describe.each(databases)('GET /api/user/usage/export on %s', (database) => {
  test('it works', async () => {
    await using zimmer = await testZimmer(database)
    const automation = await zimmer.automation({ name: 'Summarizer' })
    const alice = await zimmer.customer({ automation, paidTokens: 50 })
    const now = zimmer.clock.now()
    const usageId = await usedBefore(zimmer, alice, {
      tokens: 3,
      at: now - 9,
      type: 'summary',
      meta: { n: 1 },
    })
    const id = await reversedBefore(zimmer, alice, { usageId, at: now, reason: 'it failed' })
    const { status, headers, text } = await alice.client.get(URL)
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8')
    const today = dayOf(now)
    expect(headers.get('content-disposition')).toBe(
      `attachment; filename="usage-${dayText(today - 29)}-${dayText(today)}.csv"`,
    )
    expect(headers.get('cache-control')).toBe('no-store')
    expect(text).toBe(
      [
        HEADING,
        `${usageId},${new Date(now - 9).toISOString()},Summarizer,3,summary,"{""n"":1}"`,
        `${id},${new Date(now).toISOString()},Summarizer,-3,summary,reversal of usage ${usageId}: it failed`,
        '',
      ].join('\r\n'),
    )
  })

  test('without dates it is the last 30 days, with them those days from first to last', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 500 })
    const today = dayOf(zimmer.clock.now())
    const days = [0, 29, 30, 365, 366]
    const ids = await usesBefore(
      zimmer,
      alice,
      days.map((ago) => ({ tokens: 1, at: (today - ago) * DAY_MS })),
    )
    const exported = async (query: string) => {
      const { status, text } = await alice.client.get(URL + query)
      expect(status).toBe(200)
      return lines(text).map((line) => days[ids.indexOf(Number(line.split(',')[0]))])
    }
    const date = (ago: number) => dayText(today - ago)
    expect(await exported('')).toEqual([29, 0])
    expect(await exported(`?from=${date(30)}&to=${date(29)}`)).toEqual([30, 29])
    expect(await exported(`?to=${date(1)}`)).toEqual([30, 29])
    expect(await exported(`?from=${date(365)}`)).toEqual([365])
    expect(await exported(`?from=${date(365)}&to=${date(0)}`)).toEqual([365, 30, 29, 0])
  })

  test('dates that are none, in the wrong order or too far apart are refused', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('customer')
    const wrong = {
      'from=2026-02-30': 'from',
      'from=yesterday!': 'from',
      'from=20260101': 'from',
      'from=2026-1-1': 'from',
      'to=2026-13-01': 'to',
      'from=2026-01-02&to=2026-01-01': 'from',
      'from=2025-01-01&to=2026-01-02': 'to',
      'from=2999-01-01': 'from',
      'days=3': 'days',
    }
    for (const [query, field] of Object.entries(wrong)) {
      const { status, body } = await client.get(`${URL}?${query}`)
      expect([query, status, body.errors[0].field]).toEqual([query, 422, field])
    }
    expect((await zimmer.anyone.get(URL)).status).toBe(401)
  })

  test('a long export comes in pages, every row once and in order', async () => {
    const statements = new Statements()
    await using zimmer = await testZimmer(database, { onStatement: statements.seen })
    const alice = await zimmer.customer({ paidTokens: 5_000 })
    const bob = await zimmer.customer({ paidTokens: 5_000 })
    const now = zimmer.clock.now()
    // Many share an instant, so that a page ends between two of one instant.
    const at = (index: number) => now - 5_000 + Math.floor(index / 300)
    const uses = Array.from({ length: 1_234 }, (_, index) => ({ tokens: 1, at: at(index) }))
    const ids = await usesBefore(zimmer, alice, uses)
    await usedBefore(zimmer, bob, { tokens: 1, at: now })
    let text = ''
    const sent = await statements.during(async () => {
      text = (await alice.client.get(URL)).text
    })
    expect(lines(text).map((line) => Number(line.split(',')[0]))).toEqual(ids)
    expect(sent.filter((statement) => statement.includes('token_usage'))).toHaveLength(3)
  })

  test('whoever takes nothing stops the pages, and so does whoever goes away', async () => {
    const statements = new Statements()
    let pages = 0
    await using zimmer = await testZimmer(database, {
      onStatement: (sql, values) => {
        if (sql.includes('token_usage')) pages++
        statements.seen(sql, values)
      },
    })
    const alice = await zimmer.customer({ paidTokens: 9_000 })
    const meta = { filler: 'x'.repeat(4_000) }
    const uses = Array.from({ length: 6_000 }, () => ({ tokens: 1, at: zimmer.clock.now() - 1_000, meta }))
    await usesBefore(zimmer, alice, uses)
    pages = 0
    const { hostname, port } = new globalThis.URL(zimmer.url)
    const socket = connect(Number(port), hostname)
    socket.pause()
    const authorization = `authorization: ${alice.client.headers.authorization}`
    socket.write(`GET ${URL} HTTP/1.1\r\nhost: zimmer\r\n${authorization}\r\n\r\n`)
    await until(() => pages > 0)
    await statements.quiet()
    socket.destroy()
    await statements.quiet()
    // Of 13: what fills the buffers between here and there, some 5 MB.
    expect(pages).toBeWithin(1, 10)
  })

  test('a third at once is refused until one of the two has ended', async () => {
    await using zimmer = await testZimmer(database)
    const alice = await zimmer.customer({ paidTokens: 50_000 })
    const meta = { filler: 'x'.repeat(4_000) }
    const uses = Array.from({ length: 4_000 }, () => ({ tokens: 1, at: zimmer.clock.now() - 1_000, meta }))
    await usesBefore(zimmer, alice, uses)
    const { headers } = alice.client
    const slow = [await fetch(zimmer.url + URL, { headers }), await fetch(zimmer.url + URL, { headers })]
    const third = await alice.client.get(URL)
    expect(third.status).toBe(429)
    expect(third.body.code).toBe('downloads_full')
    for (const reply of slow) expect((await reply.text()).length).toBeGreaterThan(4_000_000)
    expect((await alice.client.get(URL)).status).toBe(200)
  })

  test('what looks like a formula is only text in a spreadsheet', async () => {
    await using zimmer = await testZimmer(database)
    const automation = await zimmer.automation({ name: '=HYPERLINK("https://example.com","x")' })
    const alice = await zimmer.customer({ automation, paidTokens: 50 })
    await usedBefore(zimmer, alice, { tokens: 3, at: zimmer.clock.now(), type: '+summary' })
    const { text } = await alice.client.get(URL)
    expect(text).toContain(`,"'=HYPERLINK(""https://example.com"",""x"")",3,'+summary,`)
  })
})

describe('a cell', () => {
  test('is quoted where it must be, and never begins like a formula', () => {
    expect(cell('plain text')).toBe('plain text')
    expect(cell('a,b')).toBe('"a,b"')
    expect(cell('say "hi"')).toBe('"say ""hi"""')
    expect(cell('two\r\nlines')).toBe('"two\r\nlines"')
    for (const start of ['=', '+', '-', '@', '\t']) expect(cell(`${start}1`)).toBe(`'${start}1`)
    for (const start of ['\r', '\n']) expect(cell(`${start}1`)).toBe(`"'${start}1"`)
    expect(cell('a=1')).toBe('a=1')
  })
})
