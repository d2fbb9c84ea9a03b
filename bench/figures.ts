import { closeSync, constants, openSync, readFileSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { cpus, loadavg, platform, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { bytes, table } from '../src/cli/table.ts'

export interface Row {
  name: string
  /** Median of the rounds. */
  value: number
  unit: string
  /** What the machine reaches without Zimmer, in the same unit, measured in the same run. */
  limit: number | null
  /** value / limit */
  ratio: number | null
  goal: string | null
  /** null where there is no goal. */
  pass: boolean | null
  /** (largest − smallest) / median over the rounds; 0 of one alone. */
  spread: number
  note?: string
}

export interface Report {
  machine: Machine
  started_at: string
  rows: Row[]
  /** For the HTML report. */
  plots?: Plot[]
}

/** Lines over one axis: what a report shows besides its table. */
export interface Plot {
  title: string
  kind: 'percentiles' | 'time'
  /** Of the vertical axis. */
  unit: string
  /** Of the horizontal axis; seconds when it is left out. */
  across?: string
  lines: { name: string; points: [x: number, y: number][] }[]
}

export interface Machine {
  cpu: string
  processors: number
  memory_bytes: number
  system: string
  bun: string
  filesystem: string
  /** Microseconds for 4 KiB written with O_DSYNC, the median. */
  synced_write_us: number
  /** Of the last minute, when the run began: above 0.3 or so the figures are noisy. */
  load_average: number
}

export type Goal =
  | { ratioAtLeast: number }
  | { ratioAtMost: number }
  | { atMost: number }
  | { atLeast: number }
  | null

interface Figure {
  name: string
  unit: string
  values: readonly number[]
  limits?: readonly number[] | undefined
  goal?: Goal | undefined
  note?: string | undefined
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** As a share of the median; 0 where that is 0, of which nothing is a share. */
export const spreadOf = (values: readonly number[]) => {
  const middle = Math.abs(median(values))
  return middle === 0 ? 0 : (Math.max(...values) - Math.min(...values)) / middle
}

export function row({ name, unit, values, limits, goal = null, note }: Figure): Row {
  const value = median(values)
  const limit = limits ? median(limits) : null
  const ratio = limit === null ? null : value / limit
  const figure = { name, value, unit, limit, ratio, spread: spreadOf(values), ...(note && { note }) }
  return { ...figure, ...judged({ value, ratio, unit }, goal) }
}

function judged({ value, ratio, unit }: { value: number; ratio: number | null; unit: string }, goal: Goal) {
  if (!goal) return { goal: null, pass: null }
  if ('atMost' in goal) return { goal: `≤ ${goal.atMost} ${unit}`, pass: value <= goal.atMost }
  if ('atLeast' in goal) return { goal: `≥ ${goal.atLeast} ${unit}`, pass: value >= goal.atLeast }
  if ('ratioAtMost' in goal) {
    return { goal: `≤ ${goal.ratioAtMost} × limit`, pass: ratio !== null && ratio <= goal.ratioAtMost }
  }
  return { goal: `≥ ${goal.ratioAtLeast} × limit`, pass: ratio !== null && ratio >= goal.ratioAtLeast }
}

const HEADINGS = ['', 'value', 'limit', 'unit', 'ratio', 'goal', '', 'spread', 'note']

function cellsOf({ name, value, limit, unit, ratio, goal, pass, spread, note }: Row) {
  const verdict = pass === null ? '' : pass ? 'pass' : 'MISSED'
  const share = ratio === null ? '' : ratio.toFixed(2)
  const noise = spread > 0 ? `${Math.round(spread * 100)} %` : ''
  return [
    name,
    number(value),
    limit === null ? '' : number(limit),
    unit,
    share,
    goal ?? '',
    verdict,
    noise,
    note,
  ]
}

export const number = (value: number) =>
  value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 })

export const asTable = ({ rows }: Report) => table(HEADINGS, rows.map(cellsOf))

/** For docs/performance.md. */
export function asMarkdown({ machine, started_at, rows }: Report): string {
  const line = (cells: readonly unknown[]) => `| ${cells.map((cell) => cell ?? '').join(' | ')} |`
  return [
    `Measured on ${started_at.slice(0, 10)} at ${started_at.slice(11, 16)} UTC, on ${describe(machine)}.`,
    '',
    line(['figure', ...HEADINGS.slice(1)]),
    line(['---', '--:', '--:', '---', '--:', '---', '---', '--:', '---']),
    ...rows.map((entry) => line(cellsOf(entry))),
    '',
  ].join('\n')
}

export const describe = (machine: Machine) =>
  `${machine.processors} × ${machine.cpu}, ${bytes(machine.memory_bytes)} of memory, ${machine.system}, ` +
  `${machine.filesystem} (a synced write takes ${machine.synced_write_us} µs), Bun ${machine.bun}, ` +
  `load average ${machine.load_average} at the start`

export function machineOf(folder: string): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    processors: cpus().length,
    memory_bytes: totalmem(),
    system: `${platform()} ${release()}`,
    bun: Bun.version,
    filesystem: filesystemOf(folder),
    synced_write_us: syncedWriteMicroseconds(folder),
    load_average: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  }
}

const TMPFS = 0x01021994

/** Nothing that is synced to memory says anything about a disk. */
export const isInMemory = (folder: string) => statfsSync(folder).type === TMPFS

function filesystemOf(folder: string) {
  try {
    const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n')
    const found = mounts
      .map((line) => line.split(' '))
      .filter(([, at]) => at && (folder === at || folder.startsWith(at === '/' ? '/' : `${at}/`)))
      .sort((a, b) => (b[1]?.length ?? 0) - (a[1]?.length ?? 0))[0]
    return found?.[2] ?? 'unknown'
  } catch {
    return 'unknown'
  }
}

function syncedWriteMicroseconds(folder: string) {
  const file = join(folder, 'synced-write')
  const fd = openSync(file, constants.O_RDWR | constants.O_CREAT | constants.O_DSYNC, 0o600)
  const page = Buffer.alloc(4_096, 1)
  const times = Array.from({ length: 200 }, () => {
    const startedAt = performance.now()
    writeSync(fd, page, 0, page.byteLength, 0)
    return performance.now() - startedAt
  })
  closeSync(fd)
  rmSync(file)
  return Math.round(median(times) * 1_000)
}
