import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { sqliteFile } from '../../app.ts'
import { EXIT } from '../../cli/exit.ts'
import { COMMAND } from '../../cli/name.ts'
import { explained } from '../../cli/open.ts'
import { bytes, facts } from '../../cli/table.ts'
import { type Config, isLoopback, readConfig } from '../../config.ts'
import { Refusal } from '../../lib/refusal.ts'
import { masked } from '../../lib/secret.ts'
import { VERSION } from '../../lib/version.ts'
import { type Inspection, inspectPostgres, inspectSqlite } from '../../storage/inspect.ts'
import { ForeignDatabaseError } from '../../storage/migrate.ts'
import type { CostedFinding, Examination } from './examine.ts'
import { type InstallationFinding, installationFindings, type Seen } from './installation.ts'
import { placeOf, ticker } from './place.commands.ts'
import { examinationShape, findingShape } from './shapes.ts'
import { examinationSections, findingText } from './text.commands.ts'
import { type Place, tune } from './tuning.ts'

interface DoctorFlags {
  database?: string
  json?: boolean
}

/** Looks and changes nothing. @returns 1 when something is wrong; hints are none. */
export async function doctorCommand({ database, json = false }: DoctorFlags): Promise<number> {
  const place = placeOf(database)
  const at = ticker('looking')
  try {
    return database === undefined ? await lookAtOwn(place, json) : await lookAtAny(place, json)
  } finally {
    at.end()
  }
}

async function lookAtAny(place: Place, json: boolean) {
  const seen = await tune(place, { kind: 'examine', check: true })
  if (json) {
    const { findings: _, ...shape } = examinationShape(seen)
    console.log(JSON.stringify({ ...shape, ...findingsShape([], seen) }, null, 2))
  } else console.log(sectionsText([...examinationSections(seen), ...findingSections([], seen)]))
  return apart(seen).problems.length > 0 ? EXIT.failure : EXIT.well
}

/** The database of the configuration, and what is around it. */
async function lookAtOwn(place: Place, json: boolean) {
  const config = readConfig()
  const unreadable: InstallationFinding[] = []
  const mendFirst = (error: unknown) => {
    const { message } = (error instanceof Refusal ? error : explained(error, config)) as Error
    const isNew = unreadable.length === 0
    if (isNew)
      unreadable.push({ problem: `the database can't be read: ${message}`, advice: 'mend that first' })
    return null
  }
  let isForeign = false
  const inspection = await inspect(config).catch((error: unknown) => {
    isForeign = error instanceof ForeignDatabaseError
    return mendFirst(error)
  })
  const isThere = inspection !== null && inspection.migrations.applied.length > 0
  // Another program's may have what the plan is about: then it is said what that lacks.
  const seen = isThere
    ? await tune(place, { kind: 'examine', check: true }).catch(mendFirst)
    : isForeign
      ? await tune(place, { kind: 'examine', check: true }).catch(() => null)
      : null
  const surroundings = look(config, inspection)
  const found = unreadable.length > 0 ? unreadable : installationFindings(surroundings)
  const report = {
    versions: { zimmer: VERSION, bun: Bun.version, database: inspection?.version ?? null },
    configuration: effective(config),
    database: inspection,
    disk: surroundings.disk,
  }
  if (json) {
    const examination = seen && examinationShape(seen)
    console.log(JSON.stringify({ ...report, examination, ...findingsShape(found, seen) }, null, 2))
  } else {
    const sections = [...ownSections(report), ...(seen ? examinationSections(seen).slice(1) : [])]
    console.log(sectionsText([...sections, ...findingSections(found, seen)]))
  }
  return found.length > 0 || apart(seen).problems.length > 0 ? EXIT.failure : EXIT.well
}

const apart = (seen: Examination | null) => ({
  problems: seen?.findings.filter(({ level }) => level === 'problem') ?? [],
  hints: seen?.findings.filter(({ level }) => level === 'hint') ?? [],
})

/** `problem` is what both kinds of findings have. */
function findingsShape(found: readonly InstallationFinding[], seen: Examination | null) {
  const { problems, hints } = apart(seen)
  const shape = (finding: CostedFinding) => ({ problem: finding.what, ...findingShape(finding) })
  return { findings: [...found, ...problems.map(shape)], hints: hints.map(shape) }
}

function findingSections(
  found: readonly InstallationFinding[],
  seen: Examination | null,
): [string, string][] {
  const { problems, hints } = apart(seen)
  const text = (finding: CostedFinding) => findingText(finding, seen?.questions)
  const lines = [
    ...found.map(({ problem, advice }) => `  - ${problem}\n    → ${advice}`),
    ...problems.map(text),
  ]
  const sections: [string, string][] = [['Findings', lines.join('\n') || '  none: all is well']]
  if (hints.length > 0) sections.push(['Hints', hints.map(text).join('\n')])
  if (problems.some(({ applied }) => applied !== 'never')) {
    sections.push([
      'What to do',
      `  ${COMMAND} optimize --dry-run says what would be changed, ${COMMAND} optimize does it`,
    ])
  }
  return sections
}

const sectionsText = (sections: readonly [string, string][]) =>
  sections.map(([title, body]) => `${title}\n${body}`).join('\n\n')

const inspect = (config: Config) =>
  config.databaseUrl ? inspectPostgres(config.databaseUrl) : inspectSqlite(sqliteFile(config))

function look({ dataDir, ...config }: Config, database: Inspection | null): Seen {
  const secret = join(dataDir, 'jwt-secret')
  return {
    command: COMMAND,
    dataDir,
    database,
    disk: existsSync(dataDir) ? diskOf(dataDir) : null,
    dataDirWritable: isWritable(dataDir),
    secretMode: existsSync(secret) ? statSync(secret).mode & 0o777 : null,
    rateLimits: config.rateLimits,
    publicUrl: config.publicUrl,
    onLoopback: isLoopback(config.host),
  }
}

function diskOf(folder: string) {
  const { bavail, blocks, bsize } = statfsSync(folder)
  return { free: bavail * bsize, total: blocks * bsize }
}

function isWritable(folder: string) {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Under the names of their variables; secrets show only that they are there. */
function effective(config: Config): Record<string, string> {
  return {
    ZIMMER_HOST: config.host,
    ZIMMER_PORT: String(config.port),
    ZIMMER_DATA_DIR: config.dataDir,
    ZIMMER_DATABASE_URL: (config.databaseUrl ?? '').replace(/(\/\/[^:@/]*):[^@/]*@/, `$1:${masked('x')}@`),
    ZIMMER_JWT_SECRET: masked(config.jwtSecret) || '(in the data folder)',
    ZIMMER_PUBLIC_URL: config.publicUrl ?? '',
    ZIMMER_TRUSTED_PROXIES: config.trustedProxies.join(','),
    ZIMMER_CORS_ORIGINS: config.corsOrigins.join(','),
    ZIMMER_ALLOW_PRIVATE_URLS: config.allowPrivateUrls ? 'on' : 'off',
    ZIMMER_METRICS_TOKEN: masked(config.metricsToken),
    ZIMMER_LOG_LEVEL: config.logLevel,
    ZIMMER_RATE_LIMITS: config.rateLimits ? 'on' : 'off',
    ZIMMER_SLOW_MS: String(config.slowMs),
    ZIMMER_METRICS_PORT: String(config.metricsPort ?? ''),
  }
}

interface Report {
  versions: Record<string, string | null>
  configuration: Record<string, string>
  database: Inspection | null
  disk: Seen['disk']
}

function ownSections({ versions, configuration, database, disk }: Report): [string, string][] {
  const sections: [string, string][] = [
    ['Versions', facts(versions)],
    ['Configuration', facts(configuration)],
  ]
  if (!database) return sections
  return [
    ...sections,
    ['Pool', database.pool ? facts(database.pool) : '  none: one writer, one reader'],
    ['Migrations', facts(migrationFacts(database))],
    ['Sizes', facts(Object.fromEntries(sizeFacts(database, disk)))],
  ]
}

const migrationFacts = ({ migrations: { applied, pending, unknown } }: Inspection) => ({
  applied: applied.join(', ') || 'none',
  pending: pending.join(', ') || 'none',
  ...(unknown.length > 0 && { 'of a newer Zimmer': unknown.join(', ') }),
})

function sizeFacts({ sizes }: Inspection, disk: Seen['disk']): [string, string][] {
  const files = Object.entries(sizes).map(([name, size]): [string, string] => [name, bytes(size)])
  return disk ? [...files, ['free on disk', `${bytes(disk.free)} of ${bytes(disk.total)}`]] : files
}
