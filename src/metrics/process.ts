import type { Registry } from '@prometheus-io/client'
import type { EventLoop } from './event-loop.ts'
import { expose, exposeTimes } from './exposition.ts'

/** Of the process itself. */
export function exposeProcess(registry: Registry, eventLoop: EventLoop, lagSeconds: readonly number[]) {
  exposeTimes(
    registry,
    'zimmer_event_loop_lag_seconds',
    'How late a timer was that is due every 20 ms',
    lagSeconds,
    () => [[{}, eventLoop.lag]],
  )
  const memory = (name: string, help: string, read: (used: NodeJS.MemoryUsage) => number) =>
    expose(registry, 'gauge', name, help, () => [[{}, read(process.memoryUsage())]])
  memory('zimmer_memory_resident_bytes', 'Resident memory of this process', ({ rss }) => rss)
  memory('zimmer_memory_heap_bytes', 'What JavaScript objects use of it', ({ heapUsed }) => heapUsed)
  memory('zimmer_memory_external_bytes', 'What they hold outside the heap', ({ external }) => external)
  const collections = countCollections()
  expose(
    registry,
    'counter',
    'zimmer_gc_collections_total',
    'Garbage collections, young and full alike; those of one turn of the event loop count once',
    () => [[{}, collections()]],
  )
  expose(registry, 'counter', 'zimmer_cpu_seconds_total', 'Processor time of this process, by mode', () => {
    const { user, system } = process.cpuUsage()
    return [
      [{ mode: 'user' }, user / 1e6],
      [{ mode: 'system' }, system / 1e6],
    ]
  })
  expose(registry, 'gauge', 'zimmer_uptime_seconds', 'Seconds since this process started', () => [
    [{}, process.uptime()],
  ])
}

/** Bun tells nobody when it collects; but it does tell when an object that nobody holds is gone. */
function countCollections() {
  let count = 0
  const gone = new FinalizationRegistry(() => {
    count++
    plant()
  })
  const plant = () => gone.register({}, null)
  plant()
  return () => count
}
