import type { Prepared } from './load-order.ts'
import { person } from './people.ts'
import { mixed } from './population.ts'

// Lists are asked for in the ways that staff ask: searched, filtered, sorted, and page after page.

type Query = (nth: number) => string

/** All data sets have these people, so that the terms are the same in each. */
const KNOWN_PEOPLE = 10_000

/** Parts of names and addresses: common, rare, short, of several alphabets, of a number, of nobody. */
const PARTS: readonly ((nth: number, of: ReturnType<typeof person>) => string)[] = [
  (_, { name }) => name.slice(0, 4),
  (_, { name }) => name.split(' ').at(-1) ?? '',
  (_, { email }) => email.split('.')[0] ?? '',
  (_, { name }) => name,
  (nth) => String(mixed(nth, 22) % KNOWN_PEOPLE),
  (_, { name }) => name.slice(0, 2),
  (_, { email }) => email.slice(email.indexOf('@') + 1),
  (_, { email }) => email,
  (nth, { name }) => name.slice(1, 3 + (nth % 3)),
  (nth) => `zz${nth.toString(36)}`,
]

export function searchTerm(nth: number): string {
  const of = person(1 + (mixed(nth, 21) % KNOWN_PEOPLE))
  return encodeURIComponent(PARTS[nth % PARTS.length]?.(nth, of) ?? '')
}

const SEARCHED: Query = (nth) => `search=${searchTerm(nth)}`
const FILTERED: Query = (nth) => `is_active=${nth % 4 !== 0}&role=customer`
const BOTH: Query = (nth) => `${SEARCHED(nth)}&email_verified=${nth % 4 !== 0}&is_active=true`
const ORDERS = ['', '&order=asc', '&order=desc']
const ALL: Query = () => ''
const by =
  (sort: string): Query =>
  (nth) =>
    `sort=${sort}${ORDERS[nth % ORDERS.length]}`

const EACH: readonly Query[] = [ALL, SEARCHED, FILTERED, BOTH]

/** By time is nearly the order that there is without asking for one. */
const USERS: readonly Query[] = [
  ...[ALL, by('name'), by('email')].flatMap((sort) => EACH.map((query) => [query, sort] as const)),
  ...[ALL, BOTH].map((query) => [query, by('created_at')] as const),
].map(([query, sort]): Query => {
  return (nth) => {
    const asked = [query(nth), sort(nth)].filter(Boolean).join('&')
    return asked && `?${asked}`
  }
})

/** Each a variant with a name of its own; without a query first. */
export const QUERIES: Record<string, readonly Query[]> = {
  '/api/admin/users': USERS,
  '/api/user/usage': [() => '', () => '?range=7d', () => '?range=6m'],
}

/** What tells variants apart: which parameters there are, and what is sorted by. */
export const nameOf = (path: string, query: Query) => `GET ${path}${query(0).replace(/(?<!sort)=[^&]*/g, '')}`

/** So many requests of a list are followed, and each over so many pages. */
const FOLLOWED = 40
const PAGES = 5

/** The same with a variant more for each list that has further pages: these pages. */
export async function withNextPages(url: string, endpoints: Map<string, Prepared[]>) {
  const all = new Map<string, Prepared[]>()
  for (const [name, requests] of endpoints) {
    all.set(name, requests)
    const further: Prepared[] = []
    for (const first of requests.slice(0, FOLLOWED)) further.push(...(await pagesAfter(url, first)))
    if (further.length === 0) continue
    const nextName = `${name}${name.includes('?') ? '&' : '?'}cursor`
    all.set(
      nextName,
      further.map((request) => ({ ...request, name: nextName })),
    )
  }
  return all
}

async function pagesAfter(url: string, first: Prepared): Promise<Prepared[]> {
  const pages: Prepared[] = []
  let at = first
  while (pages.length < PAGES) {
    const response = await fetch(url + at.path, { headers: at.headers ?? {} })
    const body: unknown = await response.json().catch(() => null)
    const cursor = response.ok && body !== null && (body as { next_cursor?: unknown }).next_cursor
    if (typeof cursor !== 'string') break
    const { path } = first
    at = { ...first, path: `${path}${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}` }
    pages.push(at)
  }
  return pages
}
