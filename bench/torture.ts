/**
 * npm run torture: kills a Zimmer again and again while customers' tokens are being spent, and proves each time that
 * nothing it acknowledged is lost or doubled. `--help` says the rest.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startPostgres } from '../scripts/postgres.ts'
import { EXIT } from '../src/cli/exit.ts'
import { table } from '../src/cli/table.ts'
import { withFolder } from './arena.ts'
import { beginShadow, cutPower } from './power-cut.ts'
import { environment, type Server, type Setting, startScript, startZimmer } from './processes.ts'
import { check, type Findings, isClean } from './torture/check.ts'
import { configOf, seed } from './torture/seed.ts'
import { Spender } from './torture/spender.ts'

const HELP = `npm run torture -- [options]

Starts Zimmer on an empty database, spends tokens on 32 connections, kills it with SIGKILL at a random moment, starts
it again, and compares: every acknowledged consume is in the ledger once, as it was acknowledged; nothing else is;
every balance adds up; it is ready again within 3 s. Exit code 1 when something was lost, doubled, wrong or late.

  --rounds N              kills, 1 to 10,000 (50)
  --database NAME         sqlite, postgres or both (both)
  --power-cut             SQLite alone: after each kill only what had been synced is left on disk
  --plant NAME            proves that this test can fail, by making Zimmer worse:
                            ack-before-commit  acknowledges 20 ms before the commit
                            unsynced-journal   does not wait for the disk (seen with --power-cut alone)
  --help                  this
`

const READY_WITHIN_MS = 3_000
const SHORTEST_MS = 50
const LONGEST_MS = 1_500
/** Of what is found, so many are named each time. */
const SHOWN = 3
const PLANTS = ['ack-before-commit', 'unsynced-journal']

interface Flags {
  rounds: number
  databases: ('sqlite' | 'postgres')[]
  plant: string | undefined
  powerCut: boolean
}

interface Summary {
  database: string
  kills: number
  acknowledged: number
  lost: number
  doubled: number
  wrong: number
  slowestRestartMs: number
  late: number
}

function readFlags(): Flags {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '50' },
      database: { type: 'string' },
      plant: { type: 'string' },
      'power-cut': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    console.log(HELP)
    process.exit(EXIT.well)
  }
  const powerCut = values['power-cut']
  const database = values.database ?? (powerCut ? 'sqlite' : 'both')
  const rounds = Number(values.rounds)
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 10_000) throw new Error('--rounds: 1 to 10,000')
  if (!['sqlite', 'postgres', 'both'].includes(database))
    throw new Error('--database: sqlite, postgres or both')
  if (powerCut && database !== 'sqlite') throw new Error('--power-cut is for SQLite alone')
  if (values.plant && !PLANTS.includes(values.plant)) throw new Error(`--plant: ${PLANTS.join(' or ')}`)
  const databases = database === 'both' ? (['sqlite', 'postgres'] as const) : [database as 'sqlite']
  return { rounds, databases: [...databases], plant: values.plant, powerCut }
}

class Torture {
  readonly #spender: Spender
  readonly #shadow: string
  #slowestRestartMs = 0
  #late = 0
  readonly #found = { lost: new Set<string>(), doubled: new Set<string>(), wrong: new Set<string>() }

  private constructor(
    private readonly name: string,
    private readonly setting: Setting,
    private readonly flags: Flags,
    private readonly seeded: Awaited<ReturnType<typeof seed>>,
  ) {
    this.#spender = new Spender(seeded)
    this.#shadow = `${setting.dataDir}-synced`
  }

  static async on(name: string, setting: Setting, flags: Flags) {
    mkdirSync(setting.dataDir)
    return new Torture(
      name,
      setting,
      flags,
      await seed(configOf(setting.dataDir, setting.databaseUrl ?? null)),
    )
  }

  async run(): Promise<Summary> {
    const { rounds, powerCut } = this.flags
    let server = await this.#start()
    for (let round = 1; round <= rounds; round++) {
      await this.#spender.start(server.url)
      const aliveMs = SHORTEST_MS + Math.random() * (LONGEST_MS - SHORTEST_MS)
      await Bun.sleep(aliveMs)
      server.kill('SIGKILL')
      await server.exited
      this.#spender.stop()
      if (powerCut) cutPower(this.setting.dataDir, this.#shadow)
      // The connections hear of the end a moment later.
      await Bun.sleep(20)
      server = await this.#start()
      this.#note(round, await check(this.setting, this.seeded, this.#spender))
    }
    await server.stop()
    this.#note(rounds, await check(this.setting, this.seeded, this.#spender), 'after a clean stop')
    return {
      database: this.name,
      kills: rounds,
      acknowledged: this.#spender.acknowledged,
      lost: this.#found.lost.size,
      doubled: this.#found.doubled.size,
      wrong: this.#found.wrong.size,
      slowestRestartMs: Math.round(this.#slowestRestartMs),
      late: this.#late,
    }
  }

  /** Resolves when /readyz says so. */
  async #start(): Promise<Server> {
    const { plant, powerCut } = this.flags
    if (powerCut) beginShadow(this.setting.dataDir, this.#shadow)
    const startedAt = performance.now()
    const args = [...(plant ? ['--plant', plant] : []), ...(powerCut ? ['--power-cut'] : [])]
    const shadow = powerCut && { TORTURE_DATA_DIR: this.setting.dataDir, TORTURE_SHADOW: this.#shadow }
    const server =
      args.length === 0
        ? await startZimmer(this.setting)
        : await startScript('torture-server.ts', args, { ...environment(this.setting), ...shadow })
    while ((await fetch(`${server.url}/readyz`)).status !== 200) {
      if (performance.now() - startedAt > 10 * READY_WITHIN_MS) throw new Error('Zimmer never became ready')
      await Bun.sleep(5)
    }
    const tookMs = performance.now() - startedAt
    this.#slowestRestartMs = Math.max(this.#slowestRestartMs, tookMs)
    if (tookMs > READY_WITHIN_MS) this.#late++
    return server
  }

  #note(round: number, findings: Findings, when = '') {
    const place = `${this.name} ${round}/${this.flags.rounds}${when && ` ${when}`}`
    const verdict = isClean(findings) ? 'nothing lost, nothing doubled' : 'NOT WELL'
    console.log(`${place}: ${this.#spender.acknowledged} acknowledged, ${verdict}`)
    for (const kind of ['lost', 'doubled', 'wrong'] as const) {
      const unknown = findings[kind].filter((text) => !this.#found[kind].has(text))
      if (unknown.length === 0) continue
      for (const text of unknown) this.#found[kind].add(text)
      console.log(`    ${unknown.length} ${kind}: ${unknown.slice(0, SHOWN).join('; ')}`)
    }
  }
}

async function torture(flags: Flags): Promise<Summary[]> {
  const summaries: Summary[] = []
  for (const name of flags.databases) {
    await withFolder(async (folder) => {
      const dataDir = join(folder, name)
      const postgres = name === 'postgres' ? await startPostgres({ fsync: true }) : null
      const endWithUs = () => void (postgres && process.kill(postgres.pid, 'SIGINT'))
      process.on('exit', endWithUs)
      try {
        const setting = { dataDir, databaseUrl: postgres?.url ?? null }
        summaries.push(await (await Torture.on(name, setting, flags)).run())
      } finally {
        process.off('exit', endWithUs)
        await postgres?.stop()
      }
    })
  }
  return summaries
}

function show(summaries: readonly Summary[]) {
  const headings = [
    '',
    'kills',
    'acknowledged',
    'lost',
    'doubled',
    'wrong',
    'slowest restart, ms',
    'over 3 s',
  ]
  console.log(
    `\n${table(
      headings,
      summaries.map((summary) => Object.values(summary)),
    )}\n`,
  )
}

if (import.meta.main) {
  let flags: Flags
  try {
    flags = readFlags()
  } catch (error) {
    console.error(`torture: ${(error as Error).message}\n(npm run torture -- --help tells more)`)
    process.exit(EXIT.usage)
  }
  const summaries = await torture(flags)
  show(summaries)
  const bad = summaries.some(({ lost, doubled, wrong, late }) => lost + doubled + wrong + late > 0)
  // A Zimmer that acknowledges nothing loses nothing.
  const idle = summaries.some(({ acknowledged, kills }) => acknowledged < kills)
  if (bad) console.log('FAILED')
  else if (idle) console.log('FAILED: hardly anything was acknowledged, so nothing is proven')
  else console.log('Nothing was lost, nothing doubled, every balance adds up.')
  process.exit(bad || idle ? EXIT.failure : EXIT.well)
}
