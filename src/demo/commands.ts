import { resolve } from 'node:path'
import { hashPassword } from '../accounts/accounts.ts'
import type { App } from '../app.ts'
import { CommandError, EXIT } from '../cli/exit.ts'
import { openForCommand } from '../cli/open.ts'
import { progress } from '../cli/progress.ts'
import { table } from '../cli/table.ts'
import { type Config, ConfigError, isLoopback, prepareDataDir, readConfig } from '../config.ts'
import { randomToken } from '../lib/secret.ts'
import { lockInstance } from '../storage/instance-lock.ts'
import { contentsOf, makeDemoData, SIGN_INS, setSignIns } from './demo.ts'
import { openBusiness } from './live.commands.ts'

const FOLDER = './demo-data'
const PASSWORD_CHARACTERS = 16

/**
 * The configuration of a demo: SQLite in a folder of its own, on loopback, and private addresses may be called, for
 * the summarizer has one.
 *
 * @throws ConfigError
 */
export function demoConfig(
  flags: { port?: number | undefined; host?: string | undefined; dev?: boolean | undefined } = {},
): Config {
  const config = readConfig(undefined, { ...flags, allowPrivateUrls: true } as Partial<Config>)
  const mistakes: string[] = []
  if (!isLoopback(config.host)) {
    mistakes.push('ZIMMER_HOST: the demo listens on loopback only, for its sign-ins are printed')
  }
  if (config.databaseUrl) {
    mistakes.push('ZIMMER_DATABASE_URL: the demo has an SQLite database of its own; unset it')
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  // Where real data lies when nothing is set is no place for made-up data.
  const isDefault = config.dataDir === resolve('./data')
  return { ...config, dataDir: isDefault ? resolve(FOLDER) : config.dataDir }
}

/** What `zimmer serve --demo` does besides serving. */
export function demoSteps() {
  let signIns: SignIns | undefined
  return {
    prepare: async (app: App) => {
      signIns = await prepareDemo(app)
    },
    listening: async (app: App, url: string) => {
      console.log(`${signIns?.text}
The web app is at ${url}, the API's documentation at ${url}/docs; for example:
  curl -s ${url}/api/auth/login -H 'Content-Type: application/json' -d '${signIns?.example}'
`)
      return openBusiness(app, url)
    },
  }
}

/** Makes the data and prints the sign-ins. */
export async function demoCommand(): Promise<number> {
  const config = prepareDataDir(demoConfig())
  const unlock = lockInstance(config.dataDir)
  const app = await openForCommand({ ...config, slowMs: 0 })
  app.onClose(unlock)
  try {
    console.log((await prepareDemo(app)).text)
    console.log('\nnpm start -- --demo serves it, with other passwords.')
    return EXIT.well
  } finally {
    await app.close()
  }
}

interface SignIns {
  /** All of them, for people. */
  text: string
  /** The body of a login. */
  example: string
}

/** Makes the data unless it is there, and new passwords for the sign-ins that it returns. */
async function prepareDemo(app: App): Promise<SignIns> {
  const contents = await contentsOf(app.db)
  if (contents === 'other') {
    throw new CommandError(
      `${app.config.dataDir} has data that is no demo: set ZIMMER_DATA_DIR to an empty folder, or unset it`,
    )
  }
  const passwords = new Map(SIGN_INS.map((email) => [email, randomToken().slice(0, PASSWORD_CHARACTERS)]))
  const hashes = new Map<string, string>()
  for (const [email, password] of passwords) hashes.set(email, await hashPassword(password))
  const bar = progress('making half a year of demo data')
  const users = await app.write(async (tx) => {
    if (contents === 'empty') await makeDemoData(tx, bar.at)
    return setSignIns(tx, hashes)
  })
  bar.end()
  const rows = users.map(({ role, name, email }) => [role, email, passwords.get(email), name])
  const [email, password] = [...passwords][0] ?? []
  const text = `
This is a demo: its customers and their past are made up. Sign in, until the next start, as
${table(['', 'email', 'password', ''], rows).replaceAll(/^/gm, '  ')}

Its data is in ${app.config.dataDir}`
  return { text, example: JSON.stringify({ email, password }) }
}
