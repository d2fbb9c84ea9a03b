import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type App, migrate, openApp, sqliteFile } from '../app.ts'
import { CommandError, EXIT } from '../cli/exit.ts'
import { COMMAND } from '../cli/name.ts'
import { explained } from '../cli/open.ts'
import { type Config, prepareDataDir, readConfig } from '../config.ts'
import { openApiOf } from '../http/openapi.ts'
import type { Route } from '../http/route.ts'
import { systemClock } from '../lib/time.ts'
import { VERSION } from '../lib/version.ts'
import { type Inspection, inspectPostgres, inspectSqlite } from '../storage/inspect.ts'

interface MigrateFlags {
  status?: boolean
  json?: boolean
}

/** @returns 1 with `--status` when migrations are missing. */
export async function migrateCommand({ status = false, json = false }: MigrateFlags): Promise<number> {
  const config = readConfig()
  try {
    return status ? await showStatus(config, json) : await applyMissing(config, json)
  } catch (error) {
    throw explained(error, config)
  }
}

async function showStatus(config: Config, json: boolean) {
  const seen: Inspection | null = config.databaseUrl
    ? await inspectPostgres(config.databaseUrl)
    : await inspectSqlite(sqliteFile(config))
  if (!seen) {
    if (json) console.log(JSON.stringify({ applied: [], pending: null, unknown: [] }))
    else console.log(`There is no database in ${config.dataDir} yet: ${COMMAND} migrate makes it.`)
    return EXIT.failure
  }
  const { applied, pending, unknown } = seen.migrations
  if (json) console.log(JSON.stringify(seen.migrations))
  else {
    const lines = [
      ...applied.map((name) => `applied  ${name}`),
      ...pending.map((name) => `pending  ${name}`),
      ...unknown.map((name) => `unknown  ${name} (of a newer Zimmer)`),
    ]
    console.log(lines.join('\n') || 'no migration applied')
  }
  return pending.length + unknown.length > 0 ? EXIT.failure : EXIT.well
}

async function applyMissing(given: Config, json: boolean) {
  const config = prepareDataDir(given)
  const { applied, pending } = await migrate(config, systemClock)
  if (json) console.log(JSON.stringify({ applied: [...applied, ...pending], new: pending }))
  else if (pending.length === 0) console.log('Nothing to do: the database has every migration.')
  else console.log(pending.map((name) => `applied ${name}`).join('\n'))
  return EXIT.well
}

/** openapi.json at the root of the checkout: writes it, or with `--check` says whether it is as it should be. */
export async function openApiCommand({ check = false }: { check?: boolean }, routesOf: RoutesOf) {
  if (Bun.isStandaloneExecutable) {
    throw new CommandError(
      'this writes openapi.json in a checkout of Zimmer; a server shows it at /openapi.json',
    )
  }
  const file = join(import.meta.dir, '../../openapi.json')
  const document = `${JSON.stringify(openApiOf(await describeRoutes(routesOf), VERSION), null, 1)}\n`
  const current = existsSync(file) ? await Bun.file(file).text() : ''
  if (current === document) {
    console.log('openapi.json is up to date')
    return EXIT.well
  }
  if (check) {
    throw new CommandError('openapi.json is not what the routes say: run `bin/zimmer openapi` and commit it')
  }
  await Bun.write(file, document)
  console.log('openapi.json is written')
  return EXIT.well
}

type RoutesOf = (app: App) => Route[]

/** Routes hang on an App, so they get one on an empty database that nobody else sees. */
async function describeRoutes(routesOf: RoutesOf): Promise<Route[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'zimmer-openapi-'))
  try {
    const app = await openApp(prepareDataDir(readConfig({}, { dataDir, logLevel: 'silent' })))
    const routes = routesOf(app)
    await app.close()
    return routes
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}
