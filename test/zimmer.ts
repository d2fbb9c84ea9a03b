import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SQL } from 'bun'
import { createUser, startSession } from '../src/accounts/accounts.ts'
import { type App, openApp } from '../src/app.ts'
import { createAutomation, issueServiceToken, type NewAutomation } from '../src/catalogue/catalogue.ts'
import { type Config, prepareDataDir, readConfig } from '../src/config.ts'
import type { Admission } from '../src/http/admission.ts'
import { type Serving, serve } from '../src/http/server.ts'
import { allJobs } from '../src/jobs.ts'
import { auditLedger } from '../src/ledger/audit.ts'
import { grant } from '../src/ledger/ledger.ts'
import { openLog } from '../src/log.ts'
import { Keeper } from '../src/performance/keeper.ts'
import { Worker } from '../src/queue/queue.ts'
import { allRoutes } from '../src/routes.ts'
import type { PostgresOptions } from '../src/storage/postgres.ts'
import type { Role } from '../src/storage/tables.ts'
import { subscribe } from '../src/subscriptions/subscriptions.ts'
import { openWeb } from '../src/web/web.ts'

// At the full minute of the real time a server writes down what it has measured, in the midst of whatever is being
// tested. Here it does when a test says so: see measured.ts.
Keeper.prototype.start = () => {}

export type DatabaseName = 'sqlite' | 'postgres'

/** PostgreSQL where the runner started one. */
export const databases: DatabaseName[] = process.env.ZIMMER_TEST_POSTGRES_URL
  ? ['sqlite', 'postgres']
  : ['sqlite']

/** A whole Zimmer on an empty database: real HTTP, real SQL. `await using` ends it and audits its ledger. */
export async function testZimmer(database: DatabaseName, overrides: TestOverrides = {}): Promise<TestZimmer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'zimmer-test-'))
  const scratch = database === 'postgres' ? (overrides.server ?? (await scratchDatabase())) : null
  const config = prepareDataDir({
    ...readConfig({}, { dataDir, port: 0, databaseUrl: scratch?.url ?? null, logLevel: 'silent' }),
    rateLimits: false,
    allowPrivateUrls: true,
    ...overrides.config,
  })
  const clock = new TestClock()
  const app = await openApp(config, {
    clock: clock.now,
    log: openLog(config.logLevel),
    onStatement: overrides.onStatement,
    measuring: overrides.measuring,
    alone: overrides.alone ?? overrides.onStatement !== undefined,
    ...(overrides.cachesOff ? { cachesOff: overrides.cachesOff } : {}),
    ...overrides.timeouts,
  })
  await overrides.prepare?.(app)
  await app.start()
  const web = overrides.pages ? openWeb(app) : null
  await web?.prepare()
  const serving = serve(app, allRoutes(app), {
    checkReplies: true,
    admission: overrides.admission ?? null,
    ...(overrides.bodyMs ? { bodyMs: overrides.bodyMs } : {}),
    ...(web ? { pages: web.answer } : {}),
  })
  return new TestZimmer(app, serving, clock, dataDir, scratch)
}

export interface TestOverrides {
  cachesOff?: readonly string[]
  /**
   * Without other nodes, it keeps what it keeps, however slow the machine: there is no message that might be
   * late. So it is where statements are counted.
   */
  alone?: boolean
  /** Answers everybody unless given. */
  admission?: Admission
  /** A PostgreSQL of the test's own, which it may stop: nothing is audited there in the end. */
  server?: { url: string }
  /** Of PostgreSQL. */
  timeouts?: PostgresOptions
  /** How long a body may take. */
  bodyMs?: number
  /** With the web app, built if it is stale. */
  pages?: boolean
  /** Before the first route is there: what the database has to contain. */
  prepare?: (app: App) => Promise<void>
  config?: Partial<Config>
  /** See statements.ts. */
  onStatement?: (sql: string, values: readonly unknown[]) => void
  /** See openApp. */
  measuring?: boolean
}

/** The real time plus what a test added to it; once it is stopped, only that. */
export class TestClock {
  #added = 0
  #stoppedAt: number | undefined
  now = () => (this.#stoppedAt ?? Date.now()) + this.#added
  /** For what is right at the edge of a time to live: a slow machine does not use up the rest of it. */
  stop() {
    this.#stoppedAt = Date.now()
  }
  advance(ms: number) {
    this.#added += ms
  }
}

interface Scratch {
  url: string
  /** Left out where it is not ours to drop. */
  drop?(): Promise<void>
}

let scratchCount = 0

async function scratchDatabase(): Promise<Scratch> {
  const server = process.env.ZIMMER_TEST_POSTGRES_URL as string
  const name = `zimmer_test_${process.pid}_${scratchCount++}`
  const admin = new SQL({ url: server, max: 1 })
  await admin.unsafe(`create database ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    url: url.href,
    drop: async () => {
      await admin.unsafe(`drop database ${name} with (force)`)
      await admin.close()
    },
  }
}

export interface Reply {
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests look into replies of every shape
  body: any
  text: string
}

type Headers_ = Record<string, string>

/** Calls over HTTP, with headers of its own (a bearer token, say). */
export class Client {
  constructor(
    private readonly url: string,
    readonly headers: Headers_ = {},
  ) {}

  get = (path: string, headers?: Headers_) => this.call('GET', path, undefined, headers)
  post = (path: string, body?: unknown, headers?: Headers_) => this.call('POST', path, body, headers)
  put = (path: string, body?: unknown, headers?: Headers_) => this.call('PUT', path, body, headers)
  delete = (path: string, headers?: Headers_) => this.call('DELETE', path, undefined, headers)

  async call(method: string, path: string, body?: unknown, headers: Headers_ = {}): Promise<Reply> {
    const json: Headers_ = body === undefined ? {} : { 'content-type': 'application/json' }
    const response = await fetch(this.url + path, {
      method,
      headers: { ...json, ...this.headers, ...headers },
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
      redirect: 'manual',
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json')
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson ? JSON.parse(text) : text,
    }
  }
}

export const CONSUME = '/api/automation-usage/consume'

export interface TestCustomer {
  userId: number
  client: Client
  automationId: number
  userAutomationId: number
  serviceToken: string
}

export class TestZimmer {
  #count = 0
  readonly #others: { app: App; serving: Serving }[] = []
  readonly url: string
  /** Calls without any credentials. */
  readonly anyone: Client

  constructor(
    readonly app: App,
    private readonly serving: Serving,
    readonly clock: TestClock,
    private readonly dataDir: string,
    private readonly scratch: Scratch | null,
  ) {
    this.url = serving.url
    this.anyone = new Client(serving.url)
  }

  /** A new user of that role, signed in. */
  async user(role: Role = 'customer', fields: { email?: string; name?: string } = {}) {
    const email = fields.email ?? `${role}-${++this.#count}@example.com`
    return this.app.write(async (tx) => {
      const user = await createUser(tx, {
        email,
        name: fields.name ?? `Test ${role}`,
        passwordHash: null,
        role,
      })
      const session = await startSession(tx, this.app.config.jwtSecret, user, { ip: null, userAgent: 'test' })
      const client = new Client(this.url, { authorization: `Bearer ${session.accessToken}` })
      return { userId: user.id, email, client, ...session }
    })
  }

  /** A client signed in as a new user of that role. */
  async as(role: Role) {
    return (await this.user(role)).client
  }

  /** A listed, healthy automation and a service token for it. */
  async automation({
    demoTokens = 5,
    name = `Automation ${++this.#count}`,
    ...rest
  }: Partial<NewAutomation> = {}) {
    return this.app.write(async (tx) => {
      const { id } = await createAutomation(tx, {
        name,
        description: 'For tests',
        pricingType: 'token_per_session',
        pricePerToken: 100,
        demoTokens,
        isListed: true,
        ...rest,
      })
      await tx.updateTable('automations').set({ health_status: 'healthy' }).where('id', '=', id).execute()
      const { jwtSecret } = this.app.config
      const { token } = await issueServiceToken(tx, { automationId: id, staffId: null, jwtSecret })
      return { automationId: id, serviceToken: token }
    })
  }

  /** A customer subscribed to an automation (a new one unless given), with tokens. */
  async customer({
    paidTokens = 0,
    demoTokens = 0,
    automation = undefined as { automationId: number; serviceToken: string } | undefined,
  } = {}): Promise<TestCustomer> {
    const { automationId, serviceToken } = automation ?? (await this.automation({ demoTokens }))
    const { userId, client } = await this.user('customer')
    const userAutomationId = await this.app.write(async (tx) => {
      const { id } = await subscribe(tx, { userId, automationId })
      if (paidTokens > 0) await grant(tx, { userAutomationId: id, userId, kind: 'paid', tokens: paidTokens })
      return id
    })
    return { userId, client, automationId, userAutomationId, serviceToken }
  }

  /** Calls as an automation service. */
  service({ serviceToken }: { serviceToken: string }) {
    return new Client(this.url, { 'x-zimmer-service-token': serviceToken })
  }

  /** Runs the jobs that are due, until none is. */
  async runJobs() {
    await new Worker(this.app.storage, allJobs(this.app), this.app.log, this.app.metrics).drain()
  }

  /** Tokens left, as the service is told. */
  async balance(customer: TestCustomer): Promise<number> {
    const path = `/api/automation-usage/balance?user_automation_id=${customer.userAutomationId}`
    return (await this.service(customer).get(path)).body.tokens_remaining
  }

  /** One consume by the customer's automation service. */
  consume(customer: TestCustomer, units = 1, key?: string, fields: object = {}) {
    const body = { user_automation_id: customer.userAutomationId, units, usage_type: 'test', ...fields }
    return this.service(customer).post(CONSUME, body, key ? { 'idempotency-key': key } : {})
  }

  /** Another server over the same PostgreSQL; it ends with this one. */
  async secondNode() {
    const app = await openApp(this.app.config, { clock: this.clock.now, log: openLog('silent') })
    await app.start()
    const serving = serve(app, allRoutes(app), { checkReplies: true, admission: null })
    this.#others.push({ app, serving })
    return { app, url: serving.url, at: (client: Client) => new Client(serving.url, client.headers) }
  }

  async [Symbol.asyncDispose]() {
    const isOurs = !this.scratch || this.scratch.drop !== undefined
    const { failures } = isOurs ? await auditLedger(this.app.db) : { failures: [] }
    for (const { app, serving } of this.#others) {
      await serving.stop(true)
      await app.close()
    }
    await this.serving.stop()
    await this.app.close()
    await this.scratch?.drop?.()
    rmSync(this.dataDir, { recursive: true, force: true })
    if (failures.length > 0) throw new Error(`the ledger does not add up: ${JSON.stringify(failures)}`)
  }
}

/** Starts `work` that many times at once. */
export const times = <T>(count: number, work: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)))

export const count = (replies: Reply[], status: number) =>
  replies.filter((reply) => reply.status === status).length
