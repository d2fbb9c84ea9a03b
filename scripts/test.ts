/**
 * npm test: `bun test` with a real PostgreSQL beside it, and one closing line that can be counted on.
 *
 *     npm test                          everything, on both databases
 *     npm test -- src/ledger -t races   what `bun test` takes: folders, files, -t NAME, --bail …
 *     npm test -- --sqlite-only         without PostgreSQL, for a quick look
 *
 * ZIMMER_TEST_POSTGRES_URL names a server to use instead; the tests make and drop databases of their own on it.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from './postgres.ts'

const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const

type Totals = { passed: number; failed: number; skipped: number }

const sqliteOnly = process.argv.includes('--sqlite-only')
const args = process.argv.slice(2).filter((arg) => arg !== '--sqlite-only')
const folder = mkdtempSync(join(tmpdir(), 'zimmer-test-'))
const report = join(folder, 'junit.xml')
const running = new AbortController()
let interrupted = 0

for (const [signal, code] of Object.entries(SIGNALS)) {
  process.on(signal, () => {
    interrupted = code
    running.abort()
  })
}

const postgres = await ownPostgres()
try {
  const exitCode = await runTests(postgres?.url ?? process.env.ZIMMER_TEST_POSTGRES_URL)
  const totals = judge(exitCode)
  console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`)
  process.exitCode = interrupted || (totals.failed > 0 || totals.passed === 0 ? 1 : 0)
} finally {
  await postgres?.stop()
  rmSync(folder, { recursive: true, force: true })
}

async function ownPostgres() {
  if (sqliteOnly || process.env.ZIMMER_TEST_POSTGRES_URL) return undefined
  try {
    return await startPostgres()
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    console.error(`${error instanceof Error ? error.message : error}\n`)
    console.error('Half of Zimmer stays untested without it; all the same: npm test -- --sqlite-only')
    console.log('0 passed, 1 failed, 0 skipped')
    process.exit(1)
  }
}

async function runTests(postgresUrl: string | undefined): Promise<number> {
  const chromium = [process.env.CHROMIUM, '/usr/bin/chromium'].find((path) => path && existsSync(path))
  const env = {
    ...process.env,
    ZIMMER_TEST_POSTGRES_URL: sqliteOnly ? undefined : postgresUrl,
    ZIMMER_TEST_CHROMIUM: chromium,
  }
  const reporter = ['--reporter=junit', `--reporter-outfile=${report}`]
  // Three at once keep two cores busy: tests wait for a disk, a browser and PostgreSQL more than they work.
  // --no-orphans: a server that a test started and forgot ends with the tests.
  const how = ['--parallel=3', '--no-isolate', '--no-orphans', '--timeout=300000']
  const command = [process.execPath, 'test', ...how, ...reporter, ...args]
  const tests = Bun.spawn(command, {
    cwd: `${import.meta.dir}/..`,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  running.signal.addEventListener('abort', () => tests.kill('SIGTERM'))
  if (running.signal.aborted) tests.kill('SIGTERM')
  return await tests.exited
}

/** What the report says, and what it can't: a file that did not load, a test that ended the whole process. */
function judge(exitCode: number): Totals {
  const totals = readReport()
  if (totals === undefined) {
    console.error('bun test wrote no report: no test was found, or it was ended in the middle')
    return { passed: 0, failed: 1, skipped: 0 }
  }
  if (exitCode !== 0 && totals.failed === 0) {
    console.error(`bun test exited ${exitCode}, though no test failed: did every file load?`)
    return { ...totals, failed: 1 }
  }
  return totals
}

function readReport(): Totals | undefined {
  if (!existsSync(report)) return undefined
  const [summary] = readFileSync(report, 'utf8').match(/<testsuites [^>]*>/) ?? []
  if (summary === undefined) return undefined
  const count = (name: string) => Number(summary.match(new RegExp(` ${name}="(\\d+)"`))?.[1] ?? Number.NaN)
  const [tests, failed, skipped] = [count('tests'), count('failures'), count('skipped')]
  return { passed: tests - failed - skipped, failed, skipped }
}
