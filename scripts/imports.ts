/**
 * Runs dependency-cruiser on the import rule (.dependency-cruiser.cjs) and doubts its silence: with a TypeScript
 * that it can't load it reads no module, finds nothing wrong and exits 0. So every .ts file of src/ must have been read.
 */
import { Glob } from 'bun'

type Cruise = {
  modules: { source: string }[]
  summary: {
    totalCruised: number
    violations: { from: string; to: string; rule: { name: string; severity: string } }[]
    ruleSetUsed?: { forbidden?: { name?: string; comment?: string }[] }
  }
}

const root = `${import.meta.dir}/..`
const folders = ['src', 'web/src', 'web/test', 'test', 'bench', 'scripts'].filter(
  (folder) => filesOf(folder).length > 0,
)

function filesOf(folder: string): string[] {
  return [...new Glob(`${folder}/**/*.{ts,tsx}`).scanSync({ cwd: root })]
}

function cruise(): Cruise {
  const program = `${root}/node_modules/dependency-cruiser/bin/dependency-cruiser.mjs`
  const command = [process.execPath, program, '--config', '.dependency-cruiser.cjs', '--output-type', 'json']
  const run = Bun.spawnSync([...command, ...folders], { cwd: root, stderr: 'inherit' })
  try {
    return JSON.parse(run.stdout.toString()) as Cruise
  } catch (cause) {
    throw new Error(`dependency-cruiser wrote no JSON: ${run.stdout.toString().slice(0, 500)}`, { cause })
  }
}

const { modules, summary } = cruise()
const comments = new Map(summary.ruleSetUsed?.forbidden?.map((rule) => [rule.name, rule.comment]))
const read = new Set(modules.map((module) => module.source))
const unread = folders.flatMap(filesOf).filter((file) => !read.has(file))

for (const { from, to, rule } of summary.violations) {
  console.log(`${from} → ${to}\n  ${rule.name}: ${comments.get(rule.name) ?? ''}`)
}
if (unread.length > 0) console.log(`dependency-cruiser did not read: ${unread.join(', ')}`)
if (summary.totalCruised === 0) console.log('dependency-cruiser read nothing: is typescript 6 installed?')
console.log(`${summary.totalCruised} modules read, ${summary.violations.length} imports against the rule`)
process.exitCode = summary.violations.length + unread.length > 0 || summary.totalCruised === 0 ? 1 : 0
