/** npm run check: everything that can be known without running Zimmer. One line per check, its words if it fails. */
import { existsSync } from 'node:fs'
import { Glob } from 'bun'

/** `report`: its words are shown when all is well, too. */
type Check = { name: string; hint: string; run: () => Promise<Finding>; report?: boolean }
type Finding = { ok: boolean; words: string }

const root = `${import.meta.dir}/..`
const tool = (path: string, ...args: string[]) => [process.execPath, `${root}/node_modules/${path}`, ...args]

const checks: Check[] = [
  {
    name: 'format and lint',
    hint: 'npm run format mends most of it',
    run: () => command(tool('@biomejs/biome/bin/biome', 'ci', '--colors=off', '--error-on-warnings', '.')),
  },
  {
    name: 'types',
    hint: '',
    run: () => command(tool('typescript-7/bin/tsc', '--noEmit', '--pretty', 'false')),
  },
  {
    name: 'types of the web app',
    hint: '',
    run: () => command(tool('typescript-7/bin/tsc', '--noEmit', '--pretty', 'false', '-p', 'web')),
  },
  {
    name: "web app's client up to date",
    hint: 'npm run web:api writes it anew',
    run: () => command([process.execPath, `${root}/scripts/web-api.ts`, '--check']),
  },
  {
    name: 'size of the web app',
    hint: 'the budgets are in scripts/web-budget.ts',
    run: () => command([process.execPath, `${root}/scripts/web-budget.ts`]),
    report: true,
  },
  {
    name: 'import rule',
    hint: 'the order of the rooms is in ARCHITECTURE.md',
    run: () => command([process.execPath, `${root}/scripts/imports.ts`]),
  },
  { name: 'drivers only in storage/', hint: 'use Db, Tx and write()', run: driversOnlyInStorage },
  {
    name: 'unused files, exports and packages',
    hint: 'delete them',
    run: () => command(tool('knip/bin/knip-bun.js', '--no-progress')),
  },
]
if (existsSync(`${root}/src/commands.ts`)) {
  checks.push({
    name: 'openapi.json up to date',
    hint: 'bin/zimmer openapi writes it anew',
    run: () => command([process.execPath, `${root}/src/main.ts`, 'openapi', '--check']),
  })
}

async function command(words: string[]): Promise<Finding> {
  const run = Bun.spawn(words, { cwd: root, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' })
  const [out, err, exitCode] = await Promise.all([run.stdout.text(), run.stderr.text(), run.exited])
  return { ok: exitCode === 0, words: `${out}${err}`.trim() }
}

/** The import rule sees `bun:sqlite`, but not the SQL that is part of the global Bun and of the module 'bun'. */
async function driversOnlyInStorage(): Promise<Finding> {
  const driver = /\bBun\.(sql|SQL|postgres)\b|import[^'"]*\b(sql|SQL|postgres)\b[^'"]*from 'bun'/
  const found: string[] = []
  for await (const file of new Glob('src/**/*.ts').scan({ cwd: root })) {
    if (file.startsWith('src/storage/') || file.endsWith('.test.ts')) continue
    const line = driver.exec(await Bun.file(`${root}/${file}`).text())
    if (line) found.push(`${file}: ${line[0]}`)
  }
  return { ok: found.length === 0, words: found.join('\n') }
}

async function reportOf({ name, hint, run, report = false }: Check): Promise<boolean> {
  const startedAt = performance.now()
  const { ok, words } = await run()
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(`${ok ? 'ok  ' : 'FAIL'}  ${name} (${seconds} s)${ok || !hint ? '' : `: ${hint}`}`)
  if (!ok || report) console.log(`\n${words.replaceAll(/^/gm, '      ')}\n`)
  return ok
}

const results = await Promise.all(checks.map(reportOf))
const failures = results.filter((ok) => !ok).length
console.log(
  failures === 0 ? `all ${checks.length} checks are well` : `${failures} of ${checks.length} checks failed`,
)
process.exitCode = failures === 0 ? 0 : 1
