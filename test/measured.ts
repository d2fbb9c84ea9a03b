import { MINUTE_MS } from '../src/lib/time.ts'
import { keeperOf } from '../src/performance/routes/keeper.ts'
import { type Sample, saveMinutes } from '../src/performance/samples.ts'
import type { TestZimmer } from './zimmer.ts'

export const MARKET = 'GET /api/automations/marketplace'

/** Not what asks who is calling, which depends on what is cached. */
export const isOfReport = (sql: string) => /performance_|target_misses/.test(sql)

/** As if so many requests had been answered, each after so long. */
export function answered(
  zimmer: TestZimmer,
  name: string,
  times: [requests: number, ms: number][],
  status = 200,
) {
  const series = zimmer.app.metrics.routes.all().find(({ method, path }) => `${method} ${path}` === name)
  if (!series) throw new Error(`no route ${name}`)
  for (const [requests, ms] of times) for (let i = 0; i < requests; i++) series.answered(status, ms)
}

/** As if statements had been run. */
export function ran(zimmer: TestZimmer, sql: string, times: [runs: number, ms: number][]) {
  const series = zimmer.app.metrics.statements.of(sql)
  for (const [runs, ms] of times) for (let i = 0; i < runs; i++) series.times.add(ms)
}

export type Named = { name: string }
export const named = <T extends Named>(of: T[], name: string) => of.find((one) => one.name === name)
export const sample = (fields: Partial<Sample> & Named): Sample => ({
  kind: 'route',
  count: 0,
  good: 0,
  failed: 0,
  total: 0,
  largest: 0,
  targetMs: null,
  buckets: [],
  ...fields,
})

/** As if a node had measured this in the minute of that time. */
export const save = (zimmer: TestZimmer, node: string, at: number, samples: Sample[]) =>
  zimmer.app.write((tx) => saveMinutes(tx, node, [{ at: at - (at % MINUTE_MS), samples, sql: new Map() }]))

/** To the first second of the next minute, with what was measured before written down. */
export async function nextMinute(zimmer: TestZimmer) {
  zimmer.clock.advance(MINUTE_MS - (zimmer.clock.now() % MINUTE_MS) + 1_000)
  await keeperOf(zimmer.app).flush()
}
