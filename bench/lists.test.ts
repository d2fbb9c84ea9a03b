import { afterEach, expect, test } from 'bun:test'
import { nameOf, QUERIES, searchTerm, withNextPages } from './lists.ts'
import { answeredRow } from './sections/growth.ts'

let server: ReturnType<typeof Bun.serve> | undefined
afterEach(() => server?.stop(true))

test('users are asked for in every combination of search, filter and sort, each under a name of its own', () => {
  const names = QUERIES['/api/admin/users']?.map((query) => nameOf('/api/admin/users', query)) ?? []
  expect(names.length).toBe(14)
  expect(new Set(names).size).toBe(names.length)
  expect(names).toContain('GET /api/admin/users')
  expect(names).toContain('GET /api/admin/users?search&email_verified&is_active&sort=email')
  const sorted = QUERIES['/api/admin/users']?.[4] as (nth: number) => string
  expect([0, 1, 2].map(sorted)).toEqual(['?sort=name', '?sort=name&order=asc', '?sort=name&order=desc'])
})

test('terms are many, and the same each time', () => {
  const terms = Array.from({ length: 200 }, (_, nth) => searchTerm(nth))
  expect(new Set(terms).size).toBeGreaterThan(120)
  expect(terms).toEqual(Array.from({ length: 200 }, (_, nth) => searchTerm(nth)))
  expect(terms).not.toContain('')
})

test('lists are followed over their pages', async () => {
  server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: ({ url }) => {
      const at = Number(new URL(url).searchParams.get('cursor') ?? 0)
      return Response.json(url.includes('/list') ? { next_cursor: at < 2 ? String(at + 1) : null } : {})
    },
  })
  const get = (name: string, path: string) => [{ name, method: 'GET', path }]
  const endpoints = new Map([
    ['GET /list?search', get('GET /list?search', '/list?search=a')],
    ['GET /one', get('GET /one', '/one')],
  ])
  const all = await withNextPages(server.url.href.replace(/\/$/, ''), endpoints)
  expect([...all.keys()]).toEqual(['GET /list?search', 'GET /list?search&cursor', 'GET /one'])
  expect(all.get('GET /list?search&cursor')?.map(({ path }) => path)).toEqual([
    '/list?search=a&cursor=1',
    '/list?search=a&cursor=2',
  ])
})

test('an endpoint that does not answer fails the run', () => {
  expect(answeredRow('growth', 3, [])).toMatchObject({ pass: true, note: '3 did' })
  const row = answeredRow('growth', 3, ['GET /a answers with 500'])
  expect(row).toMatchObject({ value: 1, pass: false, note: 'GET /a answers with 500' })
})
