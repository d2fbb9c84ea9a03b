import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Subprocess } from 'bun'
import type { LoadOrder, LoadResult } from './load-order.ts'
import type { ServerOrder } from './server.ts'

// Servers and loads run as processes of their own; whatever is left of them ends with the benchmark.

const running = new Set<Subprocess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1))

/** Ends what is left when this process is killed and can't do it: told of each by a pipe, it sees the pipe close. */
const GUARD = `
while read -r what name; do
  case $what in
    +) pids="\${pids-} $name" ;;
    -) pids=$(printf '%s\n' \${pids-} | grep -vx "$name") ;;
    folder) folders="\${folders-} $name" ;;
  esac
done
for pid in \${pids-}; do kill -KILL "$pid" 2>/dev/null; done
for folder in \${folders-}; do rm -rf "$folder"; done`

let guard: { stdin: { write(text: string): unknown; flush(): unknown }; unref(): void } | undefined

function tellGuard(line: string) {
  if (!guard) {
    const child = Bun.spawn(['sh', '-c', GUARD], {
      stdin: 'pipe',
      stdout: 'ignore',
      stderr: 'ignore',
      // Not in the group that a terminal or `timeout` sends its signals to.
      detached: true,
    })
    child.unref()
    guard = child
  }
  guard.stdin.write(`${line}\n`)
  guard.stdin.flush()
}

/** Gone when this process ends, however that is. */
export function keepFolder(folder: string) {
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  tellGuard(`folder ${folder}`)
}

export interface Server {
  url: string
  pid: number
  exited: Promise<number>
  kill(signal: NodeJS.Signals): void
  /** SIGTERM, and the end of the process awaited. */
  stop(): Promise<void>
}

const READY_MS = 60_000
const bench = import.meta.dir
export const zimmer = join(bench, '../bin/zimmer')

export interface Setting {
  dataDir: string
  databaseUrl?: string | null
  port?: number
}

/** The environment of a Zimmer that is measured; nothing of the caller's settings gets in. */
export function environment({ dataDir, databaseUrl, port = 0 }: Setting) {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('ZIMMER_'))
  return {
    ...Object.fromEntries(own),
    NODE_ENV: 'production',
    ZIMMER_DATA_DIR: dataDir,
    ZIMMER_PORT: String(port),
    ZIMMER_LOG_LEVEL: 'error',
    ZIMMER_RATE_LIMITS: 'off',
    ...(databaseUrl && { ZIMMER_DATABASE_URL: databaseUrl }),
  }
}

export const startZimmer = (setting: Setting) => startServer([zimmer, 'serve'], environment(setting))

/** As `startZimmer`, with parts of it switched off and the bench's own routes. */
export const startPartOfZimmer = (setting: Setting, order: ServerOrder) =>
  startScript('server.ts', [JSON.stringify(order)], environment(setting))

/** A script of this folder. */
export const startScript = (script: string, args: string[] = [], env: NodeJS.ProcessEnv = process.env) =>
  startServer([process.execPath, join(bench, script), ...args], env)

/** Resolves when it prints where it listens. */
async function startServer(command: string[], env: NodeJS.ProcessEnv): Promise<Server> {
  const child = Bun.spawn(command, { env, stdin: 'ignore', stdout: 'pipe', stderr: 'inherit' })
  keep(child)
  const url = await listening(child.stdout, READY_MS)
  if (!url) {
    child.kill('SIGKILL')
    throw new Error(`${command.join(' ')} did not start to listen (exit code ${await child.exited})`)
  }
  return {
    url,
    pid: child.pid,
    exited: child.exited,
    kill: (signal) => child.kill(signal),
    stop: async () => {
      child.kill('SIGTERM')
      await Promise.race([child.exited, Bun.sleep(15_000)])
      child.kill('SIGKILL')
      await child.exited
    },
  }
}

/** Reads until the address is there; the rest is read away, so that the pipe never fills. */
async function listening(output: ReadableStream<Uint8Array>, timeoutMs: number): Promise<string | undefined> {
  const reader = output.pipeThrough(new TextDecoderStream() as never).getReader()
  let text = ''
  const find = async () => {
    for (;;) {
      const { done, value } = (await reader.read()) as { done: boolean; value: string }
      if (done) return undefined
      text += value
      const url = /listening on (http:\S+)/.exec(text)?.[1]
      if (url) return url
    }
  }
  const url = await Promise.race([find(), Bun.sleep(timeoutMs).then(() => undefined)])
  void (async () => {
    while (!(await reader.read()).done);
  })().catch(() => {})
  return url
}

export function keep(child: Subprocess) {
  running.add(child)
  tellGuard(`+ ${child.pid}`)
  void child.exited.then(() => {
    running.delete(child)
    tellGuard(`- ${child.pid}`)
  })
}

/** A PostgreSQL that ends with the benchmark. @returns what lets go of it, when it was stopped. */
export function keepPostgres({ pid }: { pid: number }) {
  const end = () => void process.kill(pid, 'SIGINT')
  process.on('exit', end)
  tellGuard(`+ ${pid}`)
  return () => {
    process.off('exit', end)
    tellGuard(`- ${pid}`)
  }
}

/** Runs one load to its end. */
export const load = (order: LoadOrder) => askScript<LoadResult>('load.ts', order)

/** Runs a script of this folder that reads JSON from stdin and answers with JSON. */
export async function askScript<Reply>(script: string, order: unknown): Promise<Reply> {
  const child = Bun.spawn([process.execPath, join(bench, script)], {
    stdin: new Blob([JSON.stringify(order)]),
    stdout: 'pipe',
    stderr: 'inherit',
  })
  keep(child)
  const text = await child.stdout.text()
  if ((await child.exited) !== 0) throw new Error(`bench/${script} failed with exit code ${child.exitCode}`)
  return JSON.parse(text) as Reply
}

/** Seconds of processor time that a process has used so far; 0 where there is no /proc. */
export function cpuSeconds(pid: number) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) / 100
  } catch {
    return 0
  }
}

export interface Memory {
  /** Anonymous and shared: what the process has for itself, and what only its end gives back. */
  own: number
  /** With the pages of files that it has mapped: its program, and SQLite's database, which the system may drop. */
  resident: number
}

/** Memory of a process in bytes; NaN where there is no /proc. */
export function memoryOf(pid: number): Memory {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1])
    return {
      own: (kilobytes('RssAnon') + kilobytes('RssShmem')) * 1_024,
      resident: kilobytes('VmRSS') * 1_024,
    }
  } catch {
    return { own: Number.NaN, resident: Number.NaN }
  }
}

/** Open file descriptors of a process; NaN where there is no /proc. */
export function openFiles(pid: number) {
  try {
    return readdirSync(`/proc/${pid}/fd`).length
  } catch {
    return Number.NaN
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
