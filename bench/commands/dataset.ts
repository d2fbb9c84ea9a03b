import { existsSync, statSync, writeFileSync } from 'node:fs'
import { CommandError, EXIT } from '../../src/cli/exit.ts'
import { bytes, grouped } from '../../src/cli/table.ts'
import { benchFolder, expectedBytes, fillPostgres, sqliteDataset } from '../dataset.ts'
import { duration } from '../estimate.ts'
import { parse, UsageError, usersOf } from '../flags.ts'
import { sizeOf, subscriptionsOf } from '../population.ts'

export const DATASET_HELP = `zimmer bench dataset --users N [options]

Makes a database as a busy installation would have it: names and addresses that can be searched, three subscriptions
and thirty usage rows for each user, few customers with much usage and many with little (Zipf), days and weeks with
their rhythm, roll-ups and balances that \`zimmer audit\` finds right. It carries a mark: the bench only ever writes to
databases with it. Made once a day, and found again.

  --users N         10k, 100k, 1m or a number
  --dir DIR         below this folder, instead of the bench's own in the temporary folder
  --database-url U  into this PostgreSQL database instead, which has to be empty
  --json FILE       where it is, its size and its password, as JSON
  --help            this

Examples: zimmer bench dataset --users 100k
          ZIMMER_DATA_DIR=that-folder zimmer serve
`

export async function datasetCommand(args: string[]): Promise<number | string> {
  const { values } = parse(args, {
    users: { type: 'string' },
    dir: { type: 'string' },
    'database-url': { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  } as const)
  if (values.help) return DATASET_HELP
  if (!values.users) throw new UsageError('say how many: --users 10k, 100k, 1m or a number')
  const size = sizeOf(usersOf(values.users, 10_000))
  const url = values['database-url']
  if (url && values.dir) throw new UsageError('give --dir or --database-url, not both')
  if (url && !/^postgres(ql)?:\/\//.test(url))
    throw new UsageError('--database-url must be postgres://user@host/name')
  const startedAt = performance.now()
  console.error(
    `${grouped(size.users)} users, ${grouped(subscriptionsOf(size))} subscriptions, ${grouped(size.usageRows)} usage rows`,
  )
  const made = url ? await onPostgres(url, size) : await onSqlite(size, values.dir)
  console.log(
    `${made.where} (${made.bytes > 0 ? `${bytes(made.bytes)}, ` : ''}${duration((performance.now() - startedAt) / 1_000)})`,
  )
  console.log(`Everybody's password, also manager@bench.test's: ${made.password}`)
  if (values.json) writeFileSync(values.json, `${JSON.stringify(made, null, 2)}\n`)
  return EXIT.well
}

type Made = {
  where: string
  bytes: number
  users: number
  usage_rows: number
  password: string
  fingerprint: string
}

async function onSqlite(size: ReturnType<typeof sizeOf>, dir: string | undefined): Promise<Made> {
  if (dir && existsSync(dir) && !statSync(dir).isDirectory()) throw new CommandError(`${dir} is no folder`)
  const parent = dir ?? benchFolder()
  console.error(`below ${parent}, about ${bytes(expectedBytes(size))}`)
  const { file, password, fingerprint } = await sqliteDataset(size, parent)
  const where = file.replace(/\/zimmer\.db$/, '')
  return {
    where,
    bytes: statSync(file).size,
    users: size.users,
    usage_rows: size.usageRows,
    password,
    fingerprint,
  }
}

async function onPostgres(url: string, size: ReturnType<typeof sizeOf>): Promise<Made> {
  const { password, fingerprint } = await fillPostgres(url, size)
  const where = `PostgreSQL, ${new URL(url).host}${new URL(url).pathname}`
  return { where, bytes: 0, users: size.users, usage_rows: size.usageRows, password, fingerprint }
}
