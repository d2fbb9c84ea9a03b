import type { Registry } from '@prometheus-io/client'
import { expose, type Sample } from '../metrics/exposition.ts'
import type { Cache, CacheCounts, Caches } from './cache.ts'

/** How each count is called among the results of look-ups. */
const RESULTS = { hits: 'hit', misses: 'miss', shared: 'shared' } as const
const DROPS = { stale: 'stale', expired: 'expired', evictions: 'evicted' } as const

/** What every cache counts, as metrics; read when they are asked for. */
export function exposeCaches(registry: Registry, caches: Caches) {
  const each = (read: (cache: Cache<object>) => Sample[]) => () => caches.all.flatMap(read)
  const counted = (names: Partial<Record<keyof CacheCounts, string>>, label: string) =>
    each(({ name, counts }) =>
      Object.entries(names).map(
        ([count, value]): Sample => [{ cache: name, [label]: value }, counts[count as keyof CacheCounts]],
      ),
    )
  expose(
    registry,
    'counter',
    'zimmer_cache_requests_total',
    'Look-ups by result: hit, miss, or shared (waited for a load that another had begun)',
    counted(RESULTS, 'result'),
  )
  expose(
    registry,
    'counter',
    'zimmer_cache_dropped_total',
    'Entries dropped by cause: stale (what they show was changed), expired, or evicted to make room',
    counted(DROPS, 'cause'),
  )
  expose(
    registry,
    'gauge',
    'zimmer_cache_entries',
    'Entries kept',
    each(({ name, size }) => [[{ cache: name }, size]]),
  )
  expose(
    registry,
    'gauge',
    'zimmer_cache_bytes',
    'Bytes kept, of caches that are bounded by them',
    each(({ name, bytes }) => (bytes > 0 ? [[{ cache: name }, bytes]] : [])),
  )
  expose(
    registry,
    'gauge',
    'zimmer_cache_trusted',
    '1 while caches are served; 0 while PostgreSQL nodes might not hear what others change',
    () => [[{}, caches.isTrusted() ? 1 : 0]],
  )
}
