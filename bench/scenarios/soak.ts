import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Plot, Row } from '../figures.ts'
import { row } from '../figures.ts'
import type { Prepared } from '../load-order.ts'
import { memoryOf, openFiles } from '../processes.ts'
import { percent } from '../sections/consume.ts'
import type { Stage } from '../stage.ts'

const CONNECTIONS = 64
const SAMPLE_MS = 1_000
/** Not looked at: caches fill, code is compiled. */
const WARM_UP_SHARE = 0.25
const SLOPE_MOST_MB = 1

export interface SoakOptions {
  requests: Prepared[]
  perSecond: number
  seconds: number
  say(text: string): void
  plot(plot: Plot): void
}

interface Sample {
  seconds: number
  /** Of its own: pages of the database file come and go with what is asked for. */
  megabytes: number
  residentMegabytes: number
  files: number
  logMegabytes: number
}

/** A steady load for long, and what it does to the server's memory, files and write-ahead log. */
export async function soak(
  stage: Stage,
  { requests, perSecond, seconds, say, plot }: SoakOptions,
): Promise<Row[]> {
  const samples: Sample[] = []
  const startedAt = performance.now()
  const log = join(stage.setting.dataDir, 'zimmer.db-wal')
  const sampling = setInterval(() => {
    const { own, resident } = memoryOf(stage.server.pid)
    samples.push({
      seconds: (performance.now() - startedAt) / 1_000,
      megabytes: own / 1e6,
      residentMegabytes: resident / 1e6,
      files: openFiles(stage.server.pid),
      logMegabytes: existsSync(log) ? statSync(log).size / 1e6 : 0,
    })
    const last = samples.at(-1)
    if (last && samples.length % 30 === 0)
      say(`${Math.round(last.seconds)} of ${seconds} s: ${last.megabytes.toFixed(0)} MB`)
  }, SAMPLE_MS)
  const result = await stage.play({ requests, connections: CONNECTIONS, perSecond, seconds, giveUpMs: 5_000 })
  clearInterval(sampling)
  const settled = samples.filter((sample) => sample.seconds >= seconds * WARM_UP_SHARE)
  const line = (name: string, of: (sample: Sample) => number) => ({
    name,
    points: samples.map((sample): [number, number] => [sample.seconds, of(sample)]),
  })
  plot({
    // Without the rate, which no two runs share: reports are compared by it.
    title: 'Memory in a soak',
    kind: 'time',
    unit: 'MB',
    lines: [
      line('anonymous and shared', (sample) => sample.megabytes),
      line('resident, with pages of files', (sample) => sample.residentMegabytes),
      line('write-ahead log', (sample) => sample.logMegabytes),
    ],
  })
  const refused = Object.entries(result.failed).map(([status, count]) => `${count} × ${status}`)
  const first = settled[0]?.files ?? Number.NaN
  const name = `soak, ${seconds >= 120 ? `${Math.round(seconds / 60)} min` : `${seconds} s`}`
  const most = (of: (sample: Sample) => number) => Math.max(...samples.map(of))
  return [
    row({
      name: `${name}: memory slope after warm-up`,
      unit: 'MB/min',
      values: [slope(settled.map((sample) => [sample.seconds / 60, sample.megabytes]))],
      goal: { atMost: SLOPE_MOST_MB },
      note: `${Math.round(perSecond)} requests/s, p99 ${result.p99Ms.toFixed(1)} ms, CPU of the load ${percent(result.cpuShare)}${
        refused.length > 0 ? `; refused: ${refused.join(', ')}` : ''
      }`,
    }),
    row({
      name: `${name}: largest memory`,
      unit: 'MB',
      values: [most((sample) => sample.megabytes)],
      note: `anonymous and shared; ${most((sample) => sample.residentMegabytes).toFixed(0)} MB resident with pages of files`,
    }),
    row({
      name: `${name}: open files, more than after the warm-up`,
      unit: 'files',
      values: [(samples.at(-1)?.files ?? Number.NaN) - first],
      goal: { atMost: 16 },
      note: `${most((sample) => sample.files)} at most`,
    }),
    row({
      name: `${name}: largest write-ahead log`,
      unit: 'MB',
      values: [most((sample) => sample.logMegabytes)],
    }),
  ]
}

/** Of the straight line that fits best, by least squares. */
export function slope(points: readonly [x: number, y: number][]): number {
  const count = points.length
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / count
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / count
  const above = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0)
  return above / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
}
