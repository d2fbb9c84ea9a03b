import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { openApp } from '../src/app.ts'
import { prepareDataDir, readConfig } from '../src/config.ts'
import { auditLedger } from '../src/ledger/audit.ts'
import { benchFolder, copyInto, sqliteDataset } from './dataset.ts'
import type { Plot } from './figures.ts'
import type { LoadOrder, LoadResult } from './load-order.ts'
import { FULL_SIZE, type Size } from './population.ts'
import { keepFolder, load, type Server, type Setting, startZimmer } from './processes.ts'

export interface Options {
  seconds: number
  rounds: number
  /** Where the data sets are copied to. */
  folder: string
  /** `quick`: small data sets, one round; `full`: also the million users and the ten minutes. */
  scale: 'quick' | 'usual' | 'full'
  /** Says on stderr what is being measured. */
  say(text: string): void
  /** For the HTML report. */
  plot(plot: Plot): void
}

export const SIZE: Size = FULL_SIZE
/** Each round begins with that much of the same, unmeasured. */
const ROUND_WARM_UP_SECONDS = 0.5
const FIRST_WARM_UP_SECONDS = 2

/** The ledger and what the load was told do not agree: no figure counts. */
export class WrongLedgerError extends Error {}

/** One Zimmer over its own copy of the data set, and what was accepted from it. */
export class Contender {
  #accepted = 0
  #lost = 0
  #drains: number[] = []
  #seed = 1

  private constructor(
    readonly server: Server,
    readonly setting: Setting,
    private readonly serviceTokens: string[],
    private readonly rowsBefore: number,
  ) {}

  static async onSqlite({ folder }: Options): Promise<Contender> {
    const dataset = await sqliteDataset(SIZE)
    const dataDir = mkdtempSync(join(folder, 'sqlite-'))
    copyInto(dataset, dataDir)
    const server = await startZimmer({ dataDir })
    return new Contender(server, { dataDir }, dataset.serviceTokens, SIZE.usageRows)
  }

  static async onPostgres({ folder }: Options, databaseUrl: string, serviceTokens: string[]) {
    const setting = { dataDir: mkdtempSync(join(folder, 'postgres-')), databaseUrl }
    return new Contender(await startZimmer(setting), setting, serviceTokens, SIZE.usageRows)
  }

  /** One load; the next begins when everything is in its tables. */
  async run(options: Options, work: LoadOrder['work'], connections: number, first = false) {
    const result = await load(
      orderOf(this.server.url, options, work, {
        connections,
        first,
        tokens: this.serviceTokens,
        seed: this.#seed++,
      }),
    )
    const drainedAt = performance.now()
    await this.#drained()
    const drainSeconds = (performance.now() - drainedAt) / 1_000
    this.#drains.push(drainSeconds)
    this.#accepted += result.accepted
    this.#lost += result.lost
    return { ...result, drainSeconds }
  }

  /** Seconds, the longest. */
  get longestDrain() {
    return Math.max(...this.#drains)
  }

  /**
   * Ends it and proves its ledger.
   * @throws WrongLedgerError
   */
  async end() {
    await this.server.stop()
    const { dataDir, databaseUrl = null } = this.setting
    const app = await openApp(prepareDataDir(readConfig({}, { dataDir, databaseUrl, logLevel: 'error' })))
    const { failures, usageRows } = await auditLedger(app.db)
    await app.close()
    rmSync(dataDir, { recursive: true, force: true })
    if (failures.length > 0) {
      throw new WrongLedgerError(
        `${failures.length} accounts do not add up, the first: ${JSON.stringify(failures[0])}`,
      )
    }
    const written = usageRows - this.rowsBefore
    if (written < this.#accepted || (this.#lost === 0 && written !== this.#accepted)) {
      throw new WrongLedgerError(`${this.#accepted} consumes were accepted, ${written} are in token_usage`)
    }
  }

  async #drained() {
    const deadline = performance.now() + 120_000
    while (performance.now() < deadline) {
      const metrics = await (await fetch(`${this.server.url}/metrics`)).text()
      if (/^zimmer_ledger_pending_operations 0$/m.test(metrics)) return
      await Bun.sleep(10)
    }
    throw new WrongLedgerError('accepted consumes were not in their tables after two minutes')
  }
}

interface Details {
  connections: number
  /** Whether the server has served nothing yet. */
  first: boolean
  tokens: string[]
  seed: number
}

export const orderOf = (
  url: string,
  { seconds }: Options,
  work: LoadOrder['work'],
  { connections, first, tokens, seed }: Details,
): LoadOrder => ({
  url,
  connections,
  seconds: first ? FIRST_WARM_UP_SECONDS : seconds,
  warmUpSeconds: first ? 0 : ROUND_WARM_UP_SECONDS,
  work,
  size: SIZE,
  serviceTokens: tokens,
  seed,
})

/** Events per second, everything counted: also the time until the last of them is in its tables. */
export const sustained = ({
  accepted,
  ranSeconds,
  drainSeconds = 0,
}: LoadResult & { drainSeconds?: number }) => accepted / (ranSeconds + drainSeconds)

export const failuresOf = (results: readonly LoadResult[]) => {
  const sums = new Map<string, number>()
  for (const { failed } of results)
    for (const [status, count] of Object.entries(failed)) sums.set(status, (sums.get(status) ?? 0) + count)
  return [...sums]
    .map(([status, count]) => `${count} × ${status === '0' ? 'connection lost' : status}`)
    .join(', ')
}

/** A B C A B C …: machines are noisy, and what is compared should have the same noise. */
export async function alternate<T>(rounds: number, turns: readonly (() => Promise<T>)[]): Promise<T[][]> {
  const results: T[][] = turns.map(() => [])
  for (let round = 0; round < rounds; round++) {
    for (const [index, turn] of turns.entries()) results[index]?.push(await turn())
  }
  return results
}

/** A folder for one run of the benchmark, gone when the work is done. */
export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(benchFolder(), 'run-'))
  keepFolder(folder)
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
