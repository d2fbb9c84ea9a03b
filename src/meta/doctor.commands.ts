import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { sqliteFile } from '../app.ts'
import { EXIT } from '../cli/exit.ts'
import { COMMAND } from '../cli/name.ts'
import { explained } from '../cli/open.ts'
import { bytes, facts } from '../cli/table.ts'
import { type Config, isLoopback, readConfig } from '../config.ts'
import { masked } from '../lib/secret.ts'
import { type Inspection, inspectPostgres, inspectSqlite } from '../storage/inspect.ts'
import { type Finding, findings, type Seen } from './findings.ts'
import { VERSION } from './version.ts'

/** Looks and changes nothing. @returns 1 when something is wrong. */
export async function doctorCommand({ json = false }: { json?: boolean }): Promise<number> {
  const config = readConfig()
  const unreachable: Finding[] = []
  const database = await inspect(config).catch((error: unknown) => {
    const { message } = explained(error, config) as Error
    unreachable.push({ problem: `the database can't be read: ${message}`, advice: 'mend that first' })
    return null
  })
  const seen = look(config, database)
  const found = unreachable.length > 0 ? unreachable : findings(seen)
  const report = {
    versions: { zimmer: VERSION, bun: Bun.version, database: database?.version ?? null },
    configuration: effective(config),
    database,
    disk: seen.disk,
    findings: found,
  }
  console.log(json ? JSON.stringify(report, null, 2) : text(report))
  return found.length > 0 ? EXIT.failure : EXIT.well
}

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
  findings: Finding[]
}

function text({ versions, configuration, database, disk, findings: found }: Report) {
  const sections: [string, string][] = [
    ['Versions', facts(versions)],
    ['Configuration', facts(configuration)],
  ]
  if (database) {
    sections.push(
      ['Settings of a connection', facts(database.settings)],
      ['Pool', database.pool ? facts(database.pool) : '  none: one writer, one reader'],
      ['Migrations', facts(migrationFacts(database))],
      ['Indexes of the plan', facts(indexFacts(database))],
      ['Sizes', facts(Object.fromEntries(sizeFacts(database, disk)))],
    )
  }
  const wrong = found.map(({ problem, advice }) => `  - ${problem}\n    → ${advice}`)
  sections.push(['Findings', wrong.join('\n') || '  none: all is well'])
  return sections.map(([title, body]) => `${title}\n${body}`).join('\n\n')
}

const migrationFacts = ({ migrations: { applied, pending, unknown } }: Inspection) => ({
  applied: applied.join(', ') || 'none',
  pending: pending.join(', ') || 'none',
  ...(unknown.length > 0 && { 'of a newer Zimmer': unknown.join(', ') }),
})

const indexFacts = ({ indexes }: Inspection) =>
  Object.fromEntries(indexes.map(({ name, present }) => [name, present ? 'present' : 'MISSING']))

function sizeFacts({ sizes }: Inspection, disk: Seen['disk']): [string, string][] {
  const files = Object.entries(sizes).map(([name, size]): [string, string] => [name, bytes(size)])
  return disk ? [...files, ['free on disk', `${bytes(disk.free)} of ${bytes(disk.total)}`]] : files
}
