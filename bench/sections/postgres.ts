import { SQL } from 'bun'
import { startPostgres } from '../../scripts/postgres.ts'
import { alternate, Contender, failuresOf, type Options, SIZE, sustained } from '../arena.ts'
import { fillPostgres } from '../dataset.ts'
import { median, type Row, row } from '../figures.ts'
import type { LoadOrder, LoadResult } from '../load-order.ts'
import { askScript, keepPostgres } from '../processes.ts'
import type { RawOrder, RawResult } from '../raw-sqlite.ts'
import { BATCH_CONNECTIONS, batch } from './batch.ts'
import { CONNECTIONS, consume } from './consume.ts'

const RAW = { group: 100, connections: 3 }

/** Both kinds of consume on PostgreSQL beside one grouped statement without anything around it. */
export async function postgresRows(options: Options): Promise<Row[]> {
  options.say('PostgreSQL: the server and the data set')
  const server = await startPostgres({ fsync: true })
  const release = keepPostgres(server)
  try {
    const { serviceTokens } = await fillPostgres(server.url, SIZE)
    const raw = await copyOf(server.url, 'raw')
    const single = await copyOf(server.url, 'single')
    const grouped = await copyOf(server.url, 'grouped')
    const rows = [
      await compare(options, {
        name: 'PostgreSQL: consume (64 connections)',
        databases: { ours: single, raw },
        work: consume(),
        connections: CONNECTIONS,
        serviceTokens,
      }),
      await compare(options, {
        name: 'PostgreSQL: consume batch (100 per request)',
        databases: { ours: grouped, raw },
        work: batch,
        connections: BATCH_CONNECTIONS,
        serviceTokens,
      }),
    ]
    return rows
  } finally {
    release()
    await server.stop()
  }
}

interface Comparison {
  name: string
  databases: { ours: string; raw: string }
  work: LoadOrder['work']
  connections: number
  serviceTokens: string[]
}

async function compare(options: Options, comparison: Comparison): Promise<Row> {
  const { name, databases, work, connections, serviceTokens } = comparison
  options.say(name)
  const zimmer = await Contender.onPostgres(options, databases.ours, serviceTokens)
  let seed = 50
  const raw = async (seconds: number) => {
    const order: RawOrder = { database: databases.raw, size: SIZE, seed: seed++, seconds, ...RAW }
    const { events, seconds: took } = await askScript<RawResult>('raw-postgres.ts', order)
    return events / took
  }
  await zimmer.run(options, work, connections, true)
  await raw(1)
  const results: LoadResult[] = []
  const [values = [], limits = []] = await alternate<number>(options.rounds, [
    async () => {
      const result = await zimmer.run(options, work, connections)
      results.push(result)
      return sustained(result)
    },
    () => raw(options.seconds),
  ])
  await zimmer.end()
  const failures = failuresOf(results)
  const note = `p99 ${median(results.map(({ p99Ms }) => p99Ms)).toFixed(1)} ms${failures && `; refused: ${failures}`}`
  return row({ name, unit: 'events/s', values, limits, goal: { ratioAtLeast: 0.6 }, note })
}

/** The filled database once more: PostgreSQL copies files. */
async function copyOf(url: string, name: string): Promise<string> {
  const address = new URL(url)
  const original = address.pathname.slice(1)
  address.pathname = '/postgres'
  const sql = new SQL({ url: address.href, max: 1 })
  await sql.unsafe(`create database ${name} template ${original} strategy file_copy`)
  await sql.close()
  address.pathname = `/${name}`
  return address.href
}
