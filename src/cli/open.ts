import { existsSync } from 'node:fs'
import { type App, migrate, openApp, sqliteFile } from '../app.ts'
import { type Config, ConfigError, prepareDataDir } from '../config.ts'
import { Refusal } from '../lib/refusal.ts'
import { systemClock } from '../lib/time.ts'
import { AlreadyServingError } from '../storage/instance-lock.ts'
import { ForeignDatabaseError, NewerDatabaseError } from '../storage/migrate.ts'
import { CommandError } from './exit.ts'
import { COMMAND } from './name.ts'

/** Opens the App of a command; what can go wrong with a database is said in one line, with what to do. */
export async function openForCommand(config: Config): Promise<App> {
  const prepared = prepareDataDir(config)
  try {
    return await openApp(prepared)
  } catch (error) {
    throw explained(error, prepared)
  }
}

/**
 * For commands that look: they make no database and change no schema.
 *
 * @throws CommandError when there is none, or its schema is not this program's.
 */
export async function requireDatabase(config: Config) {
  const missing = `there is no database in ${config.dataDir} yet: \`${COMMAND} serve\` or \`${COMMAND} migrate\` makes it`
  if (!config.databaseUrl && !existsSync(sqliteFile(config))) throw new CommandError(missing)
  const { pending } = await migrate(config, systemClock, { dryRun: true }).catch((error: unknown) => {
    throw explained(error, config)
  })
  if (pending.length > 0) {
    throw new CommandError(
      `the database lacks ${pending.join(', ')}: \`${COMMAND} migrate\` applies what is missing`,
    )
  }
}

/** For commands that do one thing and end. What is slow is the server's to log. */
export async function withApp<T>(config: Config, work: (app: App) => Promise<T>): Promise<T> {
  const app = await openForCommand({ ...config, slowMs: 0 })
  try {
    return await work(app)
  } finally {
    await app.close()
  }
}

/** A failure of opening the database as a line for people; what nobody foresaw stays as it is. */
export function explained(error: unknown, config: Config): unknown {
  if (error instanceof NewerDatabaseError || error instanceof AlreadyServingError) {
    return new CommandError(error.message)
  }
  if (error instanceof ForeignDatabaseError) {
    const [where, advice] = config.databaseUrl
      ? ['ZIMMER_DATABASE_URL', 'make an empty database for Zimmer, and name that']
      : [sqliteFile(config), 'set ZIMMER_DATA_DIR to an empty folder']
    return new CommandError(`${where}: ${error.message}; ${advice}`)
  }
  if (error instanceof ConfigError || error instanceof CommandError || error instanceof Refusal) return error
  const { code = '', message } = error as { code?: string; message: string }
  if (config.databaseUrl) {
    const { hostname, port } = new URL(config.databaseUrl)
    const at = `${hostname || 'its socket'}${port ? `:${port}` : ''}`
    if (/^(ERR_POSTGRES|ECONN|ENOTFOUND|ETIMEDOUT|FailedToOpenSocket)/.test(code)) {
      return new CommandError(
        `PostgreSQL at ${at} does not let us in: ${message}. Look at ZIMMER_DATABASE_URL`,
      )
    }
    return error
  }
  const advice: [RegExp, string][] = [
    [
      /^SQLITE_(CANTOPEN|READONLY|PERM)|^E(ACCES|ROFS|PERM)$/,
      'it must be writable for the user that runs Zimmer',
    ],
    [/^SQLITE_(FULL|IOERR)|^ENOSPC$/, 'the disk is full or failing: make room'],
    [/^SQLITE_BUSY/, 'another program holds the database: stop it, or wait for it'],
    [/^SQLITE_(NOTADB|CORRUPT)/, 'zimmer.db there is damaged or not a database: put a backup in its place'],
  ]
  const found = advice.find(([pattern]) => pattern.test(code))
  if (!found) return error
  return new CommandError(`can't open the database in ${config.dataDir} (${message}): ${found[1]}`)
}
