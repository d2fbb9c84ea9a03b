import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SQL } from 'bun'
import { Client, type DatabaseName } from './zimmer.ts'

const PROGRAM = join(import.meta.dir, '../bin/zimmer')

export interface Ended {
  code: number
  out: string
  err: string
}

/** A temporary folder in which the real program runs; gone, with every server in it, when disposed of. */
export class Home {
  readonly folder = mkdtempSync(join(tmpdir(), 'zimmer-cli-'))
  readonly env: Record<string, string> = { PATH: process.env.PATH ?? '', ZIMMER_PORT: '0' }
  readonly #servers: Server[] = []
  #drop: (() => Promise<void>) | undefined

  static async on(database: DatabaseName): Promise<Home> {
    const home = new Home()
    if (database === 'postgres') await home.#createDatabase()
    return home
  }

  /** Runs a command to its end. */
  async run(args: string[], { stdin = '', env = {} as Record<string, string> } = {}): Promise<Ended> {
    const child = this.#spawn(args, env, new Response(stdin))
    const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
    return { code, out, err }
  }

  /** As `run`, with a signal some time after its start. */
  async interrupt(args: string[], afterMs: number): Promise<Ended> {
    const child = this.#spawn(args, {}, null)
    const timer = setTimeout(() => child.kill('SIGINT'), afterMs)
    const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
    clearTimeout(timer)
    return { code, out, err }
  }

  /** Starts a server and waits until it listens. */
  async serve(args: string[] = [], env: Record<string, string> = {}): Promise<Server> {
    const server = new Server(this.#spawn(['serve', ...args], env, null))
    this.#servers.push(server)
    await server.listening()
    return server
  }

  #spawn(args: string[], env: Record<string, string>, stdin: Response | null) {
    return Bun.spawn([PROGRAM, ...args], {
      cwd: this.folder,
      env: { ...this.env, ...env },
      stdin,
      stdout: 'pipe',
      stderr: 'pipe',
    })
  }

  async #createDatabase() {
    const admin = new SQL({ url: process.env.ZIMMER_TEST_POSTGRES_URL as string, max: 1 })
    const name = `zimmer_cli_${process.pid}_${crypto.randomUUID().slice(0, 8)}`
    await admin.unsafe(`create database ${name}`)
    const url = new URL(process.env.ZIMMER_TEST_POSTGRES_URL as string)
    url.pathname = `/${name}`
    this.env.ZIMMER_DATABASE_URL = url.href
    this.#drop = async () => {
      await admin.unsafe(`drop database ${name} with (force)`)
      await admin.close()
    }
  }

  async [Symbol.asyncDispose]() {
    for (const server of this.#servers) await server.kill()
    await this.#drop?.()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

type Child = Bun.Subprocess<Response | null, 'pipe', 'pipe'>

export class Server {
  out = ''
  url = ''

  constructor(readonly child: Child) {}

  get client() {
    return new Client(this.url)
  }

  /** Everything that it prints is in `out`. */
  async listening() {
    void this.#read()
    await this.printed(/listening on (\S+)\n/)
    this.url = this.out.match(/listening on (\S+)\n/)?.[1] as string
  }

  async printed(pattern: RegExp) {
    while (!pattern.test(this.out)) {
      if (this.child.exitCode !== null) throw new Error(`it ended: ${await this.child.stderr.text()}`)
      await Bun.sleep(5)
    }
  }

  async stop(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL' = 'SIGTERM'): Promise<number> {
    this.child.kill(signal)
    return this.child.exited
  }

  async kill() {
    if (this.child.exitCode === null) await this.stop('SIGKILL')
  }

  async #read() {
    const decoder = new TextDecoder()
    for await (const chunk of this.child.stdout) this.out += decoder.decode(chunk, { stream: true })
  }
}
