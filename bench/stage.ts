import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Options } from './arena.ts'
import { copyInto, fillPostgres, type SqliteDataset, sqliteDataset } from './dataset.ts'
import type { Cast } from './endpoints.ts'
import type { LoadOrder, LoadResult, Prepared } from './load-order.ts'
import { sizeOf } from './population.ts'
import { load, type Server, type Setting, startPartOfZimmer, startZimmer } from './processes.ts'
import type { ServerOrder } from './server.ts'
import { type SignedInUsers, signIn } from './sessions.ts'

export interface Staging {
  users: number
  /** How many customers are signed in. */
  sessions?: number
  /** Another data set than the bench's own of that size. */
  dataset?: SqliteDataset | undefined
  /** An empty database, filled by this. */
  databaseUrl?: string
  /** Done to the data folder's database before the server starts. */
  prepare?(file: string): void
  /** Switched off; the server is then the bench's own. */
  order?: ServerOrder
  heldMs?: number
}

const SESSIONS = 1_000

/** A load that is worked off: what of an order has to be said. */
export interface Scene {
  requests: Prepared[]
  connections: number
  seconds: number
  warmUpSeconds?: number
  perSecond?: number
  spin?: boolean
  giveUpMs?: number
}

let seed = 1

/** One load of requests against any address. */
export const play = (url: string, { requests, warmUpSeconds = 0.5, ...rest }: Scene): Promise<LoadResult> =>
  load({
    ...rest,
    url,
    warmUpSeconds,
    work: { kind: 'requests', requests },
    size: sizeOf(1),
    serviceTokens: [],
    seed: seed++,
  } satisfies LoadOrder)

/** A Zimmer over its own copy of a data set, with signed-in users. */
export class Stage {
  private constructor(
    readonly server: Server,
    readonly setting: Setting,
    readonly cast: Cast,
    readonly password: string,
  ) {}

  static async open({ folder }: Pick<Options, 'folder'>, staging: Staging): Promise<Stage> {
    const size = staging.dataset?.size ?? sizeOf(staging.users)
    const setting: Setting = { dataDir: mkdtempSync(join(folder, 'stage-')) }
    const { databaseUrl } = staging
    let known: { serviceTokens: string[]; password: string }
    if (databaseUrl) {
      setting.databaseUrl = databaseUrl
      known = await fillPostgres(databaseUrl, size)
    } else {
      const dataset = staging.dataset ?? (await sqliteDataset(size))
      const file = copyInto(dataset, setting.dataDir)
      staging.prepare?.(file)
      known = dataset
    }
    const { sessions = SESSIONS, heldMs } = staging
    const users = await signIn(setting, size, { count: sessions, ...(heldMs && { heldMs }) })
    const server = await startOn(setting, staging.order)
    return new Stage(server, setting, { size, users, serviceTokens: known.serviceTokens }, known.password)
  }

  get users(): SignedInUsers {
    return this.cast.users
  }

  play(scene: Scene) {
    return play(this.server.url, scene)
  }

  /** Ends the server and removes its data. */
  async end() {
    await this.server.stop()
    rmSync(this.setting.dataDir, { recursive: true, force: true })
  }
}

const startOn = (setting: Setting, order?: ServerOrder) =>
  order ? startPartOfZimmer(setting, order) : startZimmer(setting)
