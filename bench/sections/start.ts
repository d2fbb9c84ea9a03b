import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Options, SIZE } from '../arena.ts'
import { copyInto, sqliteDataset } from '../dataset.ts'
import { type Row, row } from '../figures.ts'
import { environment, freePort, keep, memoryOf, startZimmer, zimmer } from '../processes.ts'

const STARTS = 7
const IDLE_MS = 3_000
const GIVE_UP_MS = 20_000

/** How soon the first request is answered, and what a Zimmer holds that nobody asks anything. */
export async function startRows(options: Options): Promise<Row[]> {
  const dataset = await sqliteDataset(SIZE)
  const folders = [
    { name: 'fresh folder', make: () => mkdtempSync(join(options.folder, 'fresh-')), again: false },
    { name: 'existing data set', make: () => existing(), again: true },
  ]
  const existing = () => {
    const folder = mkdtempSync(join(options.folder, 'existing-'))
    copyInto(dataset, folder)
    return folder
  }
  const rows: Row[] = []
  for (const { name, make, again } of folders) {
    let folder = make()
    // The first one fills the page cache, and on an existing folder makes what a first start makes.
    await startOnce(folder)
    const values: number[] = []
    for (let nth = 0; nth < STARTS; nth++) {
      if (!again) folder = make()
      values.push(await startOnce(folder))
    }
    rows.push(row({ name: `start to first answer, ${name}`, unit: 'ms', values, goal: { atMost: 300 } }))
    rows.push(await idleMemory(`idle memory, ${name}`, folder, Math.min(3, options.rounds)))
    rmSync(folder, { recursive: true, force: true })
  }
  return rows
}

/** @returns milliseconds from the spawn to the first 200 of /healthz. */
async function startOnce(dataDir: string) {
  const port = await freePort()
  const startedAt = performance.now()
  const child = Bun.spawn([zimmer, 'serve'], {
    env: environment({ dataDir, port }),
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  keep(child)
  try {
    while (!(await isAlive(port))) {
      if (performance.now() - startedAt > GIVE_UP_MS || child.exitCode !== null) {
        throw new Error('Zimmer did not answer after its start')
      }
      await Bun.sleep(1)
    }
    return performance.now() - startedAt
  } finally {
    child.kill('SIGTERM')
    await child.exited
  }
}

async function isAlive(port: number) {
  try {
    return (await fetch(`http://127.0.0.1:${port}/healthz`)).status === 200
  } catch {
    return false
  }
}

async function idleMemory(name: string, dataDir: string, rounds: number): Promise<Row> {
  const values: number[] = []
  for (let round = 0; round < rounds; round++) {
    const server = await startZimmer({ dataDir })
    await Bun.sleep(IDLE_MS)
    values.push(memoryOf(server.pid).resident / 1e6)
    await server.stop()
  }
  return row({ name, unit: 'MB', values, goal: { atMost: 80 } })
}
