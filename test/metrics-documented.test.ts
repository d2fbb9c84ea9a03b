import { beforeAll, describe, expect, test } from 'bun:test'
import dashboard from '../docs/grafana/zimmer.json'
import { enqueue } from '../src/queue/queue.ts'
import { type Family, readExposition } from './exposition.ts'
import { until } from './until.ts'
import { type DatabaseName, databases, testZimmer } from './zimmer.ts'

interface Documented {
  name: string
  type: string
  labels: string[]
  text: string
}

/** The tables of docs/metrics.md. */
async function documented(): Promise<Documented[]> {
  const text = await Bun.file(new URL('../docs/metrics.md', import.meta.url)).text()
  const rows = text.matchAll(/^\| `(zimmer_\w+)` +\| (\w+) +\| ([^|]*)\| (.*?) *\|$/gm)
  return Array.from(rows, ([, name = '', type = '', labels = '', said = '']) => ({
    name,
    type,
    labels: Array.from(labels.matchAll(/`(\w+)`/g), ([, label = '']) => label),
    text: said,
  }))
}

/** It takes five minutes to be missed. */
const WITHOUT_SAMPLES = ['zimmer_target_missed']

/** A scrape after some of everything has happened. */
async function scrape(database: DatabaseName): Promise<Map<string, Family>> {
  await using zimmer = await testZimmer(database)
  const alice = await zimmer.customer({ paidTokens: 5 })
  await zimmer.consume(alice, 1, 'key-1')
  await zimmer.consume(alice, 1, 'key-1')
  await zimmer.consume(alice, 100)
  await alice.client.get('/api/user/usage')
  await alice.client.get('/api/me')
  await alice.client.get('/api/admin/users')
  await zimmer.anyone.post('/api/auth/login', { email: 'a"b\\c@example.com', password: 'none of ours' })
  await zimmer.app.storage
    .statement('broken', 'select nothing from nowhere')()
    .catch(() => {})
  await zimmer.app.write((tx) => enqueue(tx, { kind: 'unknown', maxAttempts: 1 }, null))
  await zimmer.runJobs()
  await until(() => zimmer.app.metrics.eventLoop.lag.count > 0)
  return readExposition((await zimmer.anyone.get('/metrics')).text)
}

const isOf = (database: DatabaseName, text: string) =>
  !text.startsWith(database === 'sqlite' ? 'PostgreSQL:' : 'SQLite:')

describe.each(databases)('what /metrics says on %s', (database) => {
  let scraped: Map<string, Family>
  beforeAll(async () => {
    scraped = await scrape(database)
  })

  test('each metric is in docs/metrics.md with its type, and each of those is there', async () => {
    const there = Array.from(scraped.values(), ({ name, type }) => `${name} ${type}`)
    const told = (await documented()).map(({ name, type }) => `${name} ${type}`)
    expect(told.toSorted()).toEqual(there.toSorted())
  })

  test('labels are the documented ones, and nothing else is', async () => {
    for (const { name, labels } of await documented()) {
      for (const sample of scraped.get(name)?.samples ?? []) {
        const { le: _, ...own } = sample.labels
        expect({ name, labels: Object.keys(own).sort() }).toEqual({ name, labels: labels.toSorted() })
      }
    }
  })

  test('after some of everything, each has a value', async () => {
    const silent = (await documented())
      .filter(({ name, text }) => isOf(database, text) && !WITHOUT_SAMPLES.includes(name))
      .filter(({ name }) => !scraped.get(name)?.samples.some(({ value }) => Number.isFinite(value)))
    expect(silent.map(({ name }) => name)).toEqual([])
  })

  test('names end in their unit', () => {
    const wrong = [...scraped.values()].filter(
      ({ name }) =>
        !/_(seconds|bytes|total|operations|connections|waiting|missed|trusted|entries|subscriptions)$/.test(
          name,
        ),
    )
    expect(wrong.map(({ name }) => name)).toEqual([])
  })
})

/** What a panel or a variable asks Prometheus for. */
function queries(): { at: string; query: string }[] {
  const asked = dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ at: title, query: expr })),
  )
  const variables = dashboard.templating.list.flatMap(({ name, definition }) =>
    definition ? [{ at: `$${name}`, query: definition }] : [],
  )
  return [...asked, ...variables]
}

/** Without what is written in quotes. */
const bare = (query: string) => query.replaceAll(/"[^"]*"/g, '""')

describe('the Grafana dashboard', () => {
  /** What Prometheus and histograms add. */
  const ADDED = ['instance', 'job', 'le']

  test('every name in its queries is a documented metric, and a histogram is asked as one', async () => {
    const types = new Map((await documented()).map(({ name, type }) => [name, type]))
    const names = queries().flatMap(({ at, query }) =>
      Array.from(bare(query).matchAll(/\bzimmer_\w+/g), ([name]) => ({ at, name })),
    )
    expect(names.length).toBeGreaterThan(40)
    const wrong = names.filter(({ name }) => {
      const type = types.get(name)
      if (type) return type === 'histogram'
      return types.get(name.replace(/_(bucket|sum|count)$/, '')) !== 'histogram'
    })
    expect(wrong).toEqual([])
  })

  test('every label is one that the metrics of its query have', async () => {
    const labels = new Map((await documented()).map((each) => [each.name, each.labels]))
    const wrong: string[] = []
    for (const { at, query } of queries()) {
      const text = bare(query)
      const known = new Set(ADDED)
      for (const [name] of text.matchAll(/\bzimmer_\w+/g)) {
        for (const label of labels.get(name.replace(/_(bucket|sum|count)$/, '')) ?? labels.get(name) ?? [])
          known.add(label)
      }
      const used = [
        ...Array.from(text.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*""/g), ([, label = '']) => label),
        ...Array.from(text.matchAll(/\b(?:by|on|without|ignoring)\s*\(([^)]*)\)/g)).flatMap(([, list = '']) =>
          list.split(',').map((label) => label.trim()),
        ),
      ]
      for (const label of used) if (!known.has(label)) wrong.push(`${at}: ${label}`)
    }
    expect(wrong).toEqual([])
  })

  test('counters and histograms are asked for their rate, over the range that Grafana chooses', async () => {
    const rated = (await documented()).filter(({ type }) => type !== 'gauge').map(({ name }) => name)
    const wrong = queries().filter(({ query }) =>
      Array.from(query.matchAll(/(rate\()?\b(zimmer_\w+)(\{[^}]*\})?(\[\$__rate_interval\])?/g)).some(
        ([, rate, name = '', , range]) => {
          const isCounted = rated.includes(name) || rated.includes(name.replace(/_(bucket|sum|count)$/, ''))
          return isCounted !== (rate !== undefined && range !== undefined)
        },
      ),
    )
    expect(wrong).toEqual([])
  })

  test('its queries are whole, its panels have their place and no number twice', () => {
    for (const { query } of queries()) {
      const text = bare(query)
      for (const [open, close] of ['()', '{}', '[]']) {
        expect(text.split(open as string).length).toBe(text.split(close as string).length)
      }
    }
    const ids = dashboard.panels.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { gridPos } of dashboard.panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24)
  })
})
