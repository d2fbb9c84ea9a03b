import { isLoopback } from '../src/config.ts'
import type { Options } from './arena.ts'
import { readSqliteDataset } from './dataset.ts'
import { answering, everyGet, ordinaryMix } from './endpoints.ts'
import { UsageError, usersOf } from './flags.ts'
import type { LoadResult, Prepared } from './load-order.ts'
import { cpuSeconds } from './processes.ts'
import { play, type Scene, Stage } from './stage.ts'

export const TARGET_OPTIONS = {
  users: { type: 'string' },
  data: { type: 'string' },
  target: { type: 'string' },
  'yes-load-this-host': { type: 'string' },
  path: { type: 'string', multiple: true },
  header: { type: 'string', multiple: true },
} as const

export const TARGET_HELP = `What is measured: a server of its own on loopback, on a copy of a data set of its own.
  --users N         10k (the default), 100k, 1m or a number: the size of the data set
  --data DIR        a data set that \`zimmer bench dataset --dir DIR\` has made
  --path PATH       only GETs of this path; may be given several times. Without it: the mix of an ordinary day
Or a server that is there already. It is only sent GETs, of --path (/health without it):
  --target URL      http:// and loopback, or told twice:
  --yes-load-this-host HOST
                    yes, put load on this other machine: the host name of --target once more
  --header 'N: V'   sent with each request; may be given several times`

export interface TargetFlags {
  users?: string
  data?: string
  target?: string
  'yes-load-this-host'?: string
  path?: string[]
  header?: string[]
}

/** What a scenario is played against. */
export interface Aim {
  requests: Prepared[]
  /** Null when somebody else runs the server. */
  stage: Stage | null
  play(scene: Scene): Promise<LoadResult>
  /** Seconds of processor time of the server; 0 when somebody else runs it. */
  cpu(): number
  end(): Promise<void>
}

/** @throws UsageError when the flags ask for what the bench won't do; nothing has been sent then. */
export function checkTarget(flags: TargetFlags) {
  const { target, data, users } = flags
  for (const path of flags.path ?? []) {
    if (!/^\/[\x21-\x7e]*$/.test(path)) throw new UsageError(`--path must begin with a slash, not "${path}"`)
  }
  if (data && users) throw new UsageError('give --users or --data, not both')
  usersOf(users, USERS)
  if (!target) {
    for (const name of ['yes-load-this-host', 'header'] as const)
      if (flags[name]) throw new UsageError(`--${name} belongs to --target`)
    return
  }
  if (data || users) throw new UsageError('--target has its own data: without --users and --data')
  const url = targetUrl(target)
  const host = hostOf(url)
  if (isLoopback(host) || flags['yes-load-this-host'] === host) return
  throw new UsageError(
    `${host} is not this machine. If it is yours and may be loaded, say so twice: --target ${target} --yes-load-this-host ${host}`,
  )
}

const USERS = 10_000

function targetUrl(text: string) {
  if (!URL.canParse(text))
    throw new UsageError(`--target must be an address such as http://127.0.0.1:8000, not "${text}"`)
  const url = new URL(text)
  if (url.protocol !== 'http:') throw new UsageError('--target must be http://: measure behind the TLS proxy')
  if (url.pathname !== '/' || url.search || url.username) {
    throw new UsageError('--target is only scheme, host and port; paths go into --path')
  }
  return url
}

const hostOf = ({ hostname }: URL) => hostname.replace(/^\[|\]$/g, '')

export async function takeAim(
  options: Options,
  flags: TargetFlags,
  staging: { heldMs?: number } = {},
): Promise<Aim> {
  checkTarget(flags)
  if (flags.target) return aimAtForeign(targetUrl(flags.target), flags)
  const dataset = flags.data ? readSqliteDataset(flags.data) : undefined
  const stage = await Stage.open(options, { ...staging, users: usersOf(flags.users, USERS), dataset })
  return {
    requests: await requestsOn(stage, options, flags.path),
    stage,
    play: (scene) => stage.play(scene),
    cpu: () => cpuSeconds(stage.server.pid),
    end: () => stage.end(),
  }
}

/** Paths are those of openapi.json, or any other, asked for by a customer, or below /api/admin by the manager. */
async function requestsOn(stage: Stage, { say }: Options, paths: string[] | undefined): Promise<Prepared[]> {
  if (!paths) return ordinaryMix(stage.cast)
  const endpoints = everyGet(stage.cast)
  const { manager, customers } = stage.users
  const chosen = new Map<string, Prepared[]>()
  for (const path of paths) {
    const name = `GET ${path}`
    const own = customers.map(({ token }): Prepared => {
      const bearer = path.startsWith('/api/admin') ? manager.token : token
      return { name, method: 'GET', path, headers: { authorization: `Bearer ${bearer}` } }
    })
    chosen.set(name, endpoints.get(name) ?? own)
  }
  const { found, silent } = await answering(stage.server.url, chosen)
  for (const words of silent) say(`${words}: left out`)
  if (found.size === 0) throw new UsageError('none of the paths answers')
  return [...found.values()].flat()
}

function aimAtForeign(url: URL, { path = ['/health'], header = [] }: TargetFlags): Aim {
  const headers: Record<string, string> = { host: url.host }
  for (const line of header) {
    const [, name, value] = /^([\w-]+): *([\x20-\x7e]*)$/.exec(line) ?? []
    if (!name || value === undefined) throw new UsageError(`--header must be 'Name: value', not "${line}"`)
    headers[name.toLowerCase()] = value
  }
  const port = url.port || '80'
  const address = `http://${url.hostname}:${port}`
  return {
    requests: path.map((each) => ({ name: `GET ${each}`, method: 'GET', path: each, headers })),
    stage: null,
    play: (scene) => play(address, scene),
    cpu: () => 0,
    end: async () => {},
  }
}
