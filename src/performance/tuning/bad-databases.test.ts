import { Database } from 'bun:sqlite'
import { describe, expect, test } from 'bun:test'
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SQL } from 'bun'
import { Home } from '../../../test/program.ts'
import { Shell } from '../../../test/stripped.ts'
import { databases } from '../../../test/zimmer.ts'
import { sqliteRefusal } from '../../storage/engine-sqlite.ts'

const COMMANDS = [['doctor'], ['optimize'], ['optimize', '--dry-run'], ['optimize', '--undo']]

const read = (file: string) =>
  existsSync(file) && statSync(file).isFile() ? Bun.hash(readFileSync(file)) : 0n

/** Every command refuses it in one line, ends with 1, and leaves folder and file as they were. */
async function refused(home: Home, file: string, says: RegExp, commands = COMMANDS) {
  const before = { bytes: read(file), files: readdirSync(home.folder) }
  for (const command of commands) {
    const { code, out, err } = await home.run([...command, '--database', file])
    expect({ command, code, out }).toEqual({ command, code: 1, out: '' })
    // Before it there may be progress, on a busy machine.
    expect(err).toMatch(/(^|\n)zimmer: [^\n]+\n$/)
    expect(err).toMatch(says)
  }
  expect({ bytes: read(file), files: readdirSync(home.folder) }).toEqual(before)
}

function zimmers(file: string, rows = 0) {
  const database = new Database(file, { create: true })
  database.run('create table users (id integer primary key, email text)')
  database.run('create table token_usage (id integer primary key, user_id integer, created_at integer)')
  const insert = database.query('insert into users (email) values (?)')
  database.transaction(() => {
    for (let row = 0; row < rows; row++) insert.run(`user${row}@example.com`)
  })()
  return database
}

/** In another process: one that reads the file as well would lose its locks by closing it. */
async function held(file: string, statement: string) {
  const script = `const database = new (require('bun:sqlite').Database)(process.argv[1])
    database.run(process.argv[2])
    console.log('held')
    setInterval(() => {}, 1000)`
  const child = Bun.spawn([process.execPath, '-e', script, file, statement], { stdout: 'pipe' })
  for await (const _ of child.stdout) break
  return {
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await child.exited
    },
  }
}

const isRoot = process.getuid?.() === 0

/** Root may write everything, so it runs this as nobody. */
async function unprivileged(home: Home, args: string[]) {
  if (!isRoot) return home.run(args)
  const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
  const program = join(import.meta.dir, '../../../bin/zimmer')
  const child = Bun.spawn([...nobody, program, ...args], {
    ...{ cwd: home.folder, env: home.env },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  return { code, out, err }
}

describe('a SQLite file that can not be used', () => {
  test('is not there', async () => {
    await using home = new Home()
    await refused(home, join(home.folder, 'none.db'), /no file/)
  })

  test('is no database', async () => {
    await using home = new Home()
    const file = join(home.folder, 'notes.txt')
    writeFileSync(file, 'Dear diary, '.repeat(500))
    await refused(home, file, /no SQLite database/)
  })

  test('is a folder', async () => {
    await using home = new Home()
    await refused(home, home.folder, /can't be opened|no SQLite/)
  })

  test("is another program's", async () => {
    await using home = new Home()
    const file = join(home.folder, 'music.db')
    const database = new Database(file, { create: true })
    database.run('create table users (id integer primary key, email text)')
    database.run('create table albums (id integer primary key)')
    database.close()
    await refused(home, file, /another program/)
  })

  test('is locked by another process', async () => {
    await using home = new Home()
    const file = join(home.folder, 'locked.db')
    zimmers(file).close()
    await using _ = await held(file, 'begin exclusive')
    await refused(home, file, /another program holds it/)
  })

  test('is being written to for longer than a step waits', async () => {
    await using home = new Home()
    const file = join(home.folder, 'busy.db')
    const database = zimmers(file)
    database.run('pragma journal_mode = wal')
    database.close()
    await using _ = await held(file, 'begin immediate')
    const { code, out } = await home.run(['optimize', '--json', '--database', file])
    const { steps, run } = JSON.parse(out)
    expect({ code, run, first: steps[0] }).toMatchObject({ code: 1, run: null, first: { state: 'failed' } })
    expect(steps[0].error).toContain('another program holds it')
    expect(steps.slice(1).every(({ state }: { state: string }) => state === 'left')).toBe(true)
  })

  test('is damaged inside a page', async () => {
    await using home = new Home()
    const file = join(home.folder, 'damaged.db')
    zimmers(file, 2_000).close()
    const bytes = readFileSync(file)
    for (let page = 3; page < 8; page++) bytes.fill(0xa5, page * 4_096, page * 4_096 + 60)
    writeFileSync(file, bytes)
    await refused(home, file, /damaged/)
  })

  test.skipIf(isRoot && !Bun.which('setpriv'))(
    'may only be read: doctor looks, optimize says so',
    async () => {
      await using home = new Home()
      const file = join(home.folder, 'readonly.db')
      zimmers(file).close()
      chmodSync(file, 0o444)
      chmodSync(home.folder, 0o555)
      const before = read(file)
      expect(await unprivileged(home, ['doctor', '--database', file])).toMatchObject({ code: 1 })
      const { code, out } = await unprivileged(home, ['optimize', '--database', file])
      expect({ code, out }).toEqual({ code: 1, out: expect.stringContaining('may not write it') })
      expect(read(file)).toBe(before)
      chmodSync(home.folder, 0o755)
    },
  )

  test.each([
    ['SQLITE_READONLY', 'may not write it'],
    ['SQLITE_READONLY_ROLLBACK', 'so that it can recover'],
    ['SQLITE_CANTOPEN', "can't be opened"],
    ['SQLITE_FULL', 'make room'],
    ['SQLITE_IOERR_READ', 'make room'],
    ['SQLITE_CORRUPT_INDEX', 'a backup'],
  ])('%s says what to do', (code, says) => {
    const refusal = sqliteRefusal(Object.assign(new Error('said'), { code }), 'a.db') as Error
    expect(refusal.message).toContain(says)
    expect(refusal.message).toEndWith('nothing was changed')
  })
})

const postgres = databases.includes('postgres') ? describe : describe.skip

postgres('a PostgreSQL that can not be used', () => {
  test('does not listen, or has no such database', async () => {
    await using home = await Home.on('postgres')
    const gone = new URL(home.env.ZIMMER_DATABASE_URL as string)
    gone.pathname = '/no_such_database'
    await refused(home, gone.href, /no_such_database/)
    gone.port = '1'
    gone.password = 'not to be shown'
    for (const command of COMMANDS) {
      const { code, err } = await home.run([...command, '--database', gone.href])
      expect({ code, shown: err.includes('shown') }).toEqual({ code: 1, shown: false })
      expect(err).toMatch(/(^|\n)zimmer: PostgreSQL at [^\n]+\n$/)
    }
  })

  test("is another program's", async () => {
    await using home = await Home.on('postgres')
    const url = home.env.ZIMMER_DATABASE_URL as string
    await new Shell(url).run('create table users (id bigint)')
    await refused(home, url, /another program/)
  })

  test('lets us look and not change', async () => {
    await using home = await Home.on('postgres')
    const url = new URL(home.env.ZIMMER_DATABASE_URL as string)
    const shell = new Shell(url.href)
    await shell.run('create table token_usage (id bigint, user_id bigint)')
    const role = `looker_${crypto.randomUUID().slice(0, 8)}`
    const admin = new SQL({ url: url.href, max: 1 })
    await admin.unsafe(`create role ${role} login`)
    try {
      await admin.unsafe(`grant select on token_usage to ${role}`)
      const before = await shell.schema()
      url.username = role
      const { code, out } = await home.run(['optimize', '--json', '--database', url.href])
      expect({ code, steps: JSON.parse(out).steps }).toMatchObject({
        code: 1,
        steps: [{ state: 'failed', error: expect.stringContaining('permission denied') }],
      })
      expect(await shell.schema()).toEqual(before)
    } finally {
      await admin.unsafe(`drop owned by ${role}`)
      await admin.unsafe(`drop role ${role}`)
      await admin.close()
    }
  })
})
