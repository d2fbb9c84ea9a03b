/**
 * The limit: a bare Bun.serve that reads, parses and validates the body of a consume with Zimmer's own schema, and
 * answers with as many bytes and headers, without doing anything. `GET /static` is less still: it shows what the
 * load itself can reach.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Compile } from 'typebox/compile'
import { openApp } from '../src/app.ts'
import { prepareDataDir, readConfig } from '../src/config.ts'
import { allRoutes } from '../src/routes.ts'

const CONSUME = '/api/automation-usage/consume'

/** Out of the route itself, so that it is the same schema whatever becomes of it. */
async function consumeSchema() {
  const dataDir = mkdtempSync(join(tmpdir(), 'zimmer-bare-'))
  const app = await openApp(prepareDataDir(readConfig({}, { dataDir, logLevel: 'silent' })))
  try {
    const body = allRoutes(app).find(({ path }) => path === CONSUME)?.body
    if (!body) throw new Error('there is no route to consume')
    return Compile(body)
  } finally {
    await app.close()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

const schema = await consumeSchema()
let count = 10_000_000

const headers = () => ({
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-request-id': `5f3a9c21-${(count++).toString(36)}`,
  'content-type': 'application/json; charset=utf-8',
})

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  development: false,
  routes: {
    '/static': new Response('{"status":"alive"}', { headers: { 'content-type': 'application/json' } }),
    [CONSUME]: {
      POST: async (request) => {
        const body = await request.json()
        if (!schema.Check(body)) return new Response('invalid', { status: 422 })
        const reply = {
          accepted: true,
          remaining_demo_tokens: 0,
          remaining_paid_tokens: 999_999_000,
          message: 'Tokens consumed',
          usage_id: count,
        }
        return new Response(JSON.stringify(reply), { headers: headers() })
      },
    },
  },
})
console.log(`listening on ${server.url.href.replace(/\/$/, '')}`)
