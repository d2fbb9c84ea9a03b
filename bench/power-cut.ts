/**
 * Follows what is really on disk, so that a power cut can be played: a kill keeps the operating system's cache, and
 * with it everything that was written but never synced.
 *
 * Loaded into a Zimmer's process before its own modules, and into its threads, it steps between the program and
 * node:fs and keeps a second data folder that holds only what has been synced:
 *   - a write to a file opened with O_DSYNC (the ledger's journal) counts when it ends; while it runs, half of it does;
 *   - SQLite's files count as they were when an fdatasync of the write-ahead log began, once it ends;
 *   - a checkpoint, which SQLite syncs by itself, counts when it ends.
 * What it can't see is taken as lost, so it is harder than a real cut, with one exception: that the disk keeps its
 * word about a sync has to be believed.
 */
import { Database } from 'bun:sqlite'
import { basename, join } from 'node:path'

// Not `import`: what a module imports of node:fs is fixed for the whole program by the first that does, and the
// program has to get the functions that are put in below.
const fs = require('node:fs') as typeof import('node:fs')
const promises = require('node:fs/promises') as typeof import('node:fs/promises')
const {
  copyFileSync,
  cpSync,
  existsSync,
  fdatasync,
  fdatasyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  write,
  writeFileSync,
  writeSync,
} = fs

const O_DSYNC = 0o10000
const DATABASE = ['zimmer.db', 'zimmer.db-wal']

type Callback = (error: Error | null, ...rest: unknown[]) => void

/** SQLite's two files as they were synced; each thread points to its newest copy, and the newest of all counts. */
class Copies {
  #last: { folder: string; version: string } | undefined

  constructor(
    private readonly dataDir: string,
    private readonly shadow: string,
  ) {}

  take() {
    const stamp = String(process.hrtime.bigint()).padStart(20, '0')
    const folder = join(this.shadow, `copy-${stamp}-${Bun.isMainThread ? 'main' : 'thread'}`)
    mkdirSync(folder)
    const { mtimeMs, size } = statSync(join(this.dataDir, DATABASE[0] as string))
    const version = `${mtimeMs}:${size}`
    for (const name of DATABASE) {
      const from = join(this.dataDir, name)
      if (name === 'zimmer.db' && this.#last?.version === version)
        linkSync(join(this.#last.folder, name), join(folder, name))
      else if (existsSync(from)) copyFileSync(from, join(folder, name))
    }
    return () => this.#count(folder, version)
  }

  #count(folder: string, version: string) {
    const pointer = join(this.shadow, Bun.isMainThread ? 'main' : 'thread')
    writeFileSync(`${pointer}.new`, folder)
    renameSync(`${pointer}.new`, pointer)
    if (this.#last) rmSync(this.#last.folder, { recursive: true, force: true })
    this.#last = { folder, version }
  }
}

function install(dataDir: string, shadow: string) {
  const copies = new Copies(dataDir, shadow)
  const shadows = new Map<number, number | null>()

  /** The second file of a journal that is really written through; null for any other. */
  const shadowOf = (fd: number) => {
    const known = shadows.get(fd)
    if (known !== undefined) return known
    const path = readlinkSync(`/proc/self/fd/${fd}`)
    const flags = Number.parseInt(
      /flags:\s+(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '',
      8,
    )
    const counts = path.endsWith('.journal') && (flags & O_DSYNC) !== 0
    const second = counts ? openSync(join(shadow, basename(path)), 'r+') : null
    shadows.set(fd, second)
    return second
  }

  const synced = (fd: number): (() => void) => {
    const path = readlinkSync(`/proc/self/fd/${fd}`)
    if (path.endsWith('-wal')) return copies.take()
    if (!path.endsWith('.journal')) return () => {}
    return () => copyFileSync(path, join(shadow, basename(path)))
  }

  Object.assign(fs, {
    write: (fd: number, bytes: Buffer, offset: number, length: number, position: number, done: Callback) => {
      const second = shadowOf(fd)
      if (second !== null) writeSync(second, bytes, offset, length >> 1, position)
      write(fd, bytes, offset, length, position, (error, written) => {
        if (second !== null && !error) writeSync(second, bytes, offset, written, position)
        done(error, written)
      })
    },
    fdatasync: (fd: number, done: Callback) => {
      const count = synced(fd)
      fdatasync(fd, (error) => {
        if (!error) count()
        done(error)
      })
    },
    fdatasyncSync: (fd: number) => {
      const count = synced(fd)
      fdatasyncSync(fd)
      count()
    },
  })

  const { open } = promises
  Object.assign(promises, {
    open: async (...args: Parameters<typeof open>) => {
      const handle = await open(...args)
      const { datasync } = handle
      handle.datasync = async () => {
        const count = synced(handle.fd)
        await datasync.call(handle)
        count()
      }
      return handle
    },
  })

  const { query } = Database.prototype
  Database.prototype.query = function (this: Database, sql: string) {
    const statement = query.call(this, sql)
    if (!sql.includes('wal_checkpoint(passive)')) return statement
    return { get: () => [statement.get(), copies.take()()][0] }
  } as typeof query
}

/** Before a Zimmer starts: what is in its folder now is on disk. */
export function beginShadow(dataDir: string, shadow: string) {
  rmSync(shadow, { recursive: true, force: true })
  cpSync(dataDir, shadow, { recursive: true })
}

/** After it was killed: its folder is what a power cut would have left. */
export function cutPower(dataDir: string, shadow: string) {
  const pointers = ['main', 'thread'].map((name) => join(shadow, name)).filter((file) => existsSync(file))
  const newest = pointers
    .map((file) => readFileSync(file, 'utf8'))
    .sort()
    .at(-1)
  for (const name of readdirSync(dataDir)) {
    if (name.startsWith('zimmer.db') || name.endsWith('.journal')) rmSync(join(dataDir, name))
  }
  for (const name of readdirSync(shadow).filter((file) => file.endsWith('.journal'))) {
    copyFileSync(join(shadow, name), join(dataDir, name))
  }
  for (const name of DATABASE) {
    const from = join(newest ?? shadow, name)
    if (existsSync(from)) copyFileSync(from, join(dataDir, name))
  }
}

const { TORTURE_DATA_DIR: data, TORTURE_SHADOW: second } = process.env
if (data && second) install(data, second)
