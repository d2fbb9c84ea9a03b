import { Database } from 'bun:sqlite'
import { randomBytes } from 'node:crypto'
import {
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { hashPassword } from '../src/accounts/password.ts'
import { CommandError } from '../src/cli/exit.ts'
import { bytes, grouped } from '../src/cli/table.ts'
import { sha256 } from '../src/lib/secret.ts'
import { migrations, render } from '../src/storage/migrations/list.ts'
import { makePostgres } from './dataset-postgres.ts'
import { makeSqlite } from './dataset-sqlite.ts'
import { estimate } from './estimate.ts'
import type { Filling } from './filling.ts'
import { MARK, type Manifest, markOf } from './mark.ts'
import type { Size } from './population.ts'
import { keepFolder } from './processes.ts'
import { CONTENTS } from './rows.ts'

export interface SqliteDataset extends Manifest {
  file: string
}

/** Of `zimmer.db`, measured; a made file, while its indexes are sorted, needs a third more. */
const BYTES_PER_USAGE = 190
const BYTES_PER_USER = 1_300
const WHILE_MAKING = 1.35

export const expectedBytes = ({ users, usageRows }: Size) =>
  users * BYTES_PER_USER + usageRows * BYTES_PER_USAGE

/** A folder of this user's own for what the benchmark keeps between runs. */
export function benchFolder() {
  const folder = join(tmpdir(), `zimmer-bench-${process.getuid?.() ?? 0}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return folder
}

function fingerprintOf(size: Size) {
  const schema = migrations.map((migration) => render(migration, 'sqlite'))
  const today = Math.floor(Date.now() / 86_400_000)
  return Bun.hash(JSON.stringify([CONTENTS, schema, size, today])).toString(36)
}

/**
 * The data set as a SQLite file: made once, found again as long as schema, size and day are the same.
 *
 * @throws CommandError when there is no room for it.
 */
export async function sqliteDataset(size: Size, parent = benchFolder()): Promise<SqliteDataset> {
  const kind = `sqlite-${size.users}-${size.usageRows}-`
  const folder = join(parent, `${kind}${fingerprintOf(size)}`)
  if (!existsSync(folder)) {
    if (parent === benchFolder()) removeEarlier(parent, kind)
    const making = `${folder}.${process.pid}`
    rmSync(making, { recursive: true, force: true })
    mkdirSync(making, { recursive: true, mode: 0o700 })
    keepFolder(making)
    requireRoom(making, expectedBytes(size) * WHILE_MAKING)
    const manifest = makeManifest(size)
    const filling = await fillingOf(manifest, `SQLite, ${grouped(size.users)} users`)
    await makeSqlite(join(making, 'zimmer.db'), manifest, filling)
    writeFileSync(join(making, MANIFEST), JSON.stringify(manifest), { mode: 0o600 })
    renameSync(making, folder)
  }
  return readSqliteDataset(folder)
}

/** Those of another day or schema are never asked for again. */
function removeEarlier(parent: string, kind: string) {
  for (const name of readdirSync(parent)) {
    const isMade = name.startsWith(kind) && !name.includes('.')
    if (isMade) rmSync(join(parent, name), { recursive: true, force: true })
  }
}

const MANIFEST = 'bench.json'

/** @throws CommandError when the bench did not make what is in the folder. */
export function readSqliteDataset(folder: string): SqliteDataset {
  const file = join(folder, MANIFEST)
  if (!existsSync(file) || !existsSync(join(folder, 'zimmer.db'))) {
    throw new CommandError(`${folder} has no data set of the bench: \`zimmer bench dataset --dir\` makes one`)
  }
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest
  const database = join(folder, 'zimmer.db')
  if (markIn(database) !== markOf(manifest)) {
    throw new CommandError(`${database} was not made by the bench: it does not carry its mark`)
  }
  return { ...manifest, file: database }
}

function markIn(file: string) {
  const database = new Database(file, { readonly: true })
  try {
    const row = database.query('select value from facts where name = ?').get(MARK) as { value: string } | null
    return row?.value
  } catch {
    return undefined
  } finally {
    database.close()
  }
}

/** A data folder of its own for one server. */
export function copyInto(dataset: SqliteDataset, folder: string) {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  requireRoom(folder, expectedBytes(dataset.size) * 1.1)
  const file = join(folder, 'zimmer.db')
  copyFileSync(dataset.file, file, constants.COPYFILE_FICLONE)
  return file
}

/**
 * Fills an empty PostgreSQL database with the same contents.
 *
 * @throws CommandError when it is not empty.
 */
export async function fillPostgres(url: string, size: Size): Promise<Manifest> {
  const manifest = makeManifest(size)
  await makePostgres(url, manifest, await fillingOf(manifest, `PostgreSQL, ${grouped(size.users)} users`))
  return manifest
}

function makeManifest(size: Size): Manifest {
  const serviceTokens = Array.from(
    { length: size.automations },
    () => `zst_${randomBytes(4).toString('hex')}_${randomBytes(32).toString('base64url')}`,
  )
  return {
    fingerprint: fingerprintOf(size),
    size,
    password: randomBytes(18).toString('base64url'),
    serviceTokens,
  }
}

async function fillingOf({ size, password, serviceTokens }: Manifest, what: string): Promise<Filling> {
  const bar = estimate(`${what}, usage rows`)
  return {
    tokenHashes: serviceTokens.map(sha256),
    passwordHash: await hashPassword(password),
    now: Date.now(),
    progress: (done) => bar.at(done, size.usageRows),
  }
}

/** @throws CommandError */
export function requireRoom(folder: string, needed: number) {
  const { bavail, bsize } = statfsSync(existsSync(folder) ? folder : dirname(folder))
  const free = bavail * bsize
  if (free >= needed) return
  throw new CommandError(
    `${folder} has ${bytes(free)} free, and ${bytes(needed)} are needed: make room, or name another folder`,
  )
}
