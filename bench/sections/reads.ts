import { startSession } from '../../src/accounts/accounts.ts'
import { openApp } from '../../src/app.ts'
import { prepareDataDir, readConfig } from '../../src/config.ts'
import { Contender, type Options, SIZE } from '../arena.ts'
import { type Row, row } from '../figures.ts'
import { load } from '../processes.ts'
import { CONNECTIONS, consume } from './consume.ts'

const EVERY_MS = 10

/** What others notice while consumes come in as fast as they can: with the event loop free, nothing. */
export async function readRows(options: Options): Promise<Row[]> {
  const zimmer = await Contender.onSqlite(options)
  const { accessToken } = await signedIn(zimmer.setting.dataDir)
  const reads: { name: string; path: string; headers: Record<string, string> }[] = [
    { name: 'GET /healthz while consuming, p99', path: '/healthz', headers: {} },
    {
      name: 'GET /api/user/usage while consuming, p99',
      path: '/api/user/usage',
      headers: { authorization: `Bearer ${accessToken}` },
    },
  ]
  await zimmer.run(options, consume(), CONNECTIONS, true)
  const rows: Row[] = []
  for (const { name, path, headers } of reads) {
    const read = (seconds: number) =>
      load({
        url: zimmer.server.url,
        connections: 1,
        seconds,
        warmUpSeconds: 0.3,
        work: { kind: 'get', path, headers, everyMs: EVERY_MS },
        size: SIZE,
        serviceTokens: [],
        seed: 1,
      })
    const values: number[] = []
    const limits: number[] = []
    for (let round = 0; round < Math.min(options.rounds, 3); round++) {
      const [, busy] = await Promise.all([
        zimmer.run(options, consume(), CONNECTIONS),
        read(Math.max(0.5, options.seconds - 0.5)),
      ])
      const quiet = await read(Math.min(1, options.seconds))
      if (busy.requests === 0)
        throw new Error(`${path} was never answered with 200: ${JSON.stringify(busy.failed)}`)
      values.push(busy.p99Ms)
      limits.push(quiet.p99Ms)
    }
    rows.push(row({ name, unit: 'ms', values, limits, note: 'limit: the same without load' }))
  }
  await zimmer.end()
  return rows
}

/** A session made beside the server, as `zimmer admin` would: it shares the database and the secret. */
async function signedIn(dataDir: string) {
  const config = prepareDataDir(readConfig({}, { dataDir, logLevel: 'warn' }))
  const app = await openApp(config)
  try {
    return await app.write((tx) =>
      startSession(tx, config.jwtSecret, { id: 1, role: 'customer' }, { ip: null, userAgent: 'bench' }),
    )
  } finally {
    await app.close()
  }
}
