import { MINUTE_MS } from '../../src/lib/time.ts'
import { Histogram } from '../../src/metrics/histogram.ts'
import type { Sample } from '../../src/performance/samples.ts'
import { sample, save } from '../../test/measured.ts'
import type { TestZimmer } from '../../test/zimmer.ts'

const MINUTES = 14

/** Requests, or statements, around so many milliseconds; the same ones each time that it is asked. */
function timed(
  kind: Sample['kind'],
  name: string,
  count: number,
  ms: number,
  targetMs: number | null,
): Sample {
  const times = new Histogram()
  let good = 0
  for (let i = 0; i < count; i++) {
    // Most near the middle, some far above it.
    const one = ms * (0.6 + (0.8 * ((i * 7) % 11)) / 10 + (i % 19 === 0 ? 1.6 : 0))
    times.add(one)
    if (targetMs === null || one <= targetMs) good++
  }
  return sample({
    ...{ kind, name, count, good, targetMs },
    total: times.sumMs * 1_000,
    largest: times.maxMs * 1_000,
    buckets: times.sparse(),
  })
}

const fact = (name: string, value: number): Sample =>
  sample({ kind: 'process', name, count: 1, total: value, largest: value })

const ROUTES: [name: string, count: number, ms: number, targetMs: number][] = [
  ['GET /health', 30, 2, 500],
  ['POST /api/auth/login', 14, 96, 800],
  ['POST /api/auth/refresh', 22, 6, 800],
  ['GET /api/me', 90, 1.4, 500],
  ['GET /api/user/dashboard', 45, 9, 1_000],
  ['GET /api/user/usage', 38, 22, 1_000],
  ['GET /api/automations/marketplace', 60, 4, 1_000],
  ['POST /api/automation-usage/consume', 480, 3.1, 500],
  ['GET /api/admin/users', 12, 38, 800],
  ['GET /api/admin/users/:id', 9, 470, 800],
  ['GET /api/admin/usage/stats', 6, 690, 800],
  ['GET /api/user/usage/export', 4, 1_450, 1_000],
  ['GET /api/admin/audit', 5, 17, 800],
  ['PUT /api/user/profile', 3, 12, 1_000],
]

/** As if that server had been at work for a quarter of an hour, on two nodes, with something of everything. */
export async function busy(zimmer: TestZimmer) {
  const now = zimmer.clock.now()
  for (let back = MINUTES; back >= 1; back--) {
    const wave = 1 + 0.45 * Math.sin(back)
    const at = now - back * MINUTE_MS
    const samples = [
      ...ROUTES.map(([name, count, ms, target]) =>
        timed('route', name, Math.round(count * wave), ms * (1 + 0.2 * Math.cos(back)), target),
      ),
      timed('database', 'all', Math.round(900 * wave), 0.7 * wave, null),
      sample({ kind: 'cache', name: 'principals', count: 400, good: Math.round(388 - 6 * wave) }),
      sample({ kind: 'cache', name: 'responses', count: 250, good: Math.round(215 - 12 * wave) }),
      sample({ kind: 'cache', name: 'service_tokens', count: 480, good: 479 }),
      fact('memory', (131 + 9 * wave) * 1e6),
      fact('cpu', 1_800 * wave),
      timed('process', 'event_loop_lag', 60, 1.8 * wave, null),
      timed('process', 'database_wait', 120, 0.4 * wave, null),
      sample({
        kind: 'process',
        name: 'database_queue',
        count: 60,
        total: 90,
        largest: Math.round(6 * wave),
      }),
    ]
    await save(zimmer, 'zimmer-a:8000', at, samples)
    if (back % 2 === 0) await save(zimmer, 'zimmer-b:8000', at, samples.slice(0, 5))
  }
  const misses = [
    { target: 'GET /api/user/usage/export', goal: 1_000, unit: 'ms', worst: 3_210, back: 11, until: null },
    { target: 'cpu', goal: 70, unit: '%', worst: 91, back: 240, until: now - 6 * MINUTE_MS },
  ]
  await zimmer.app.write((tx) =>
    tx
      .insertInto('target_misses')
      .values(
        misses.map(({ back, until, ...miss }) => ({
          ...miss,
          since: now - back * MINUTE_MS,
          last_at: until ?? now,
          until,
        })),
      )
      .execute(),
  )
}
