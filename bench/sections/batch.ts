import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { alternate, Contender, failuresOf, type Options, SIZE, sustained } from '../arena.ts'
import { copyInto, sqliteDataset } from '../dataset.ts'
import { median, type Row, row } from '../figures.ts'
import { askScript } from '../processes.ts'
import type { RawOrder, RawResult } from '../raw-sqlite.ts'
import { consume } from './consume.ts'

export const BATCH = 100
export const BATCH_CONNECTIONS = 16
export const batch = consume({ kind: 'batch', eventsPerRequest: BATCH })

/** Events in batches beside the ledger as a loop over bun:sqlite. */
export async function batchRows(options: Options): Promise<Row[]> {
  const dataset = await sqliteDataset(SIZE)
  const rawFolder = mkdtempSync(join(options.folder, 'raw-'))
  const database = copyInto(dataset, rawFolder)
  const zimmer = await Contender.onSqlite(options)
  let seed = 50
  const raw = (seconds: number) => {
    const order: RawOrder = { database, size: SIZE, seed: seed++, seconds, group: 1_000, connections: 1 }
    return askScript<RawResult>('raw-sqlite.ts', order)
  }
  await zimmer.run(options, batch, BATCH_CONNECTIONS, true)
  await raw(1)
  const drains: number[] = []
  const latencies: number[] = []
  const failures: string[] = []
  const [values = [], limits = []] = await alternate<number>(options.rounds, [
    async () => {
      const result = await zimmer.run(options, batch, BATCH_CONNECTIONS)
      drains.push(result.drainSeconds)
      latencies.push(result.p99Ms)
      failures.push(failuresOf([result]))
      return sustained(result)
    },
    async () => {
      const { events, seconds } = await raw(options.seconds)
      return events / seconds
    },
  ])
  await zimmer.end()
  rmSync(rawFolder, { recursive: true, force: true })
  const refused = failures.filter(Boolean).join(', ')
  const note = `${BATCH_CONNECTIONS} connections, p99 of a batch ${median(latencies).toFixed(0)} ms, all in the tables ${Math.max(
    ...drains,
  ).toFixed(2)} s after the last at the latest${refused && `; refused: ${refused}`}`
  const name = `consume batch (${BATCH} per request)`
  return [row({ name, unit: 'events/s', values, limits, goal: { ratioAtLeast: 0.5 }, note })]
}
