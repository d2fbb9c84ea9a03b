import type { Registry } from '@prometheus-io/client'
import type { EventLoop } from './event-loop.ts'
import { expose, exposeTimes } from './exposition.ts'

/** Of the process itself. Bun tells nothing of its garbage collections: a long one shows as lag of the event loop. */
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
