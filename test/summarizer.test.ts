import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { Home } from './program.ts'
import { databases } from './zimmer.ts'

const EXAMPLE = join(import.meta.dir, '../examples/summarizer')
const PASSWORD = 'correct horse battery staple'
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const sample = (name: string) => Bun.file(join(EXAMPLE, 'samples', name)).text()

interface Summary {
  summary?: string
  sentences: string[]
}

/** The summarizer as a program of its own, ended with `await using`. */
async function startSummarizer(env: Record<string, string>) {
  const child = Bun.spawn([process.execPath, join(EXAMPLE, 'src/main.ts')], {
    env: { SUMMARIZER_PORT: '0', ...env },
    stdout: 'pipe',
    stderr: 'inherit',
  })
  const { value } = await child.stdout.getReader().read()
  const [, url] = new TextDecoder().decode(value).match(/listening on (\S+)\n/) as RegExpMatchArray
  return {
    url: url as string,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      expect(await child.exited).toBe(0)
    },
  }
}

describe.each(databases)('examples/summarizer with a real Zimmer on %s', (database) => {
  test('a text in, a summary out, paid once; a clear refusal when tokens run out', async () => {
    await using home = await Home.on(database)
    const create = ['admin', 'create', '--email', 'boss@example.com', '--name', 'Boss', '--password-stdin']
    expect(await home.run(create, { stdin: PASSWORD })).toMatchObject({ code: 0 })
    const { client, url } = await home.serve([], { ZIMMER_ALLOW_PRIVATE_URLS: '1' })

    // As the manager: sell it.
    const login = await client.post('/api/auth/login', { email: 'boss@example.com', password: PASSWORD })
    const boss = bearer(login.body.access_token)
    const offer = {
      name: 'Summarizer',
      description: 'Summaries',
      pricing_type: 'token_per_session',
      price_per_token: 1000,
    }
    const automation = `/api/admin/automations/${(await client.post('/api/admin/automations', offer, boss)).body.id}`
    const { body: made } = await client.post(`${automation}/generate-service-token`, {}, boss)
    await using summarizer = await startSummarizer({
      ZIMMER_URL: url,
      ZIMMER_SERVICE_TOKEN: made.service_token,
      SUMMARIZER_DATA_DIR: join(home.folder, 'summarizer'),
    })
    const urls = {
      provision_url: `${summarizer.url}/provision`,
      health_check_url: `${summarizer.url}/health`,
    }
    expect((await client.put(automation, urls, boss)).status).toBe(200)
    const health = await client.post(`${automation}/health-check`, {}, boss)
    expect(health.body).toMatchObject({ health_status: 'healthy' })

    // As a customer: use it.
    const person = {
      email: 'alice@example.com',
      name: 'Alice',
      password: PASSWORD,
      confirm_password: PASSWORD,
    }
    const alice = bearer((await client.post('/api/auth/signup', person)).body.access_token)
    const mine = await client.post(automation.replace('admin', 'user'), {}, alice)
    const { id } = mine.body.user_automation
    const provisioned = await client.post(`/api/user/automations/${id}/provision`, {}, alice)
    const summarize = async (key: string, text: string) => {
      const headers = { 'content-type': 'application/json', 'idempotency-key': key }
      const body = JSON.stringify({ text })
      const reply = await fetch(provisioned.body.webhook_url, { method: 'POST', headers, body })
      return { status: reply.status, body: (await reply.json()) as Summary }
    }
    const balance = async () => (await client.get('/api/user/automations', alice)).body[0].tokens_remaining
    expect(await balance()).toBe(5)

    const english = await sample('en.txt')
    const first = await summarize('first', english)
    expect(first).toMatchObject({
      status: 200,
      body: { language: 'en', words: 383, tokens_charged: 2, tokens_remaining: { demo: 3, paid: 0 } },
    })
    expect(first.body.sentences).toHaveLength(3)
    for (const sentence of first.body.sentences) expect(english).toContain(sentence)
    expect(await balance()).toBe(3)

    expect(await summarize('first', english)).toEqual(first)
    expect(await balance()).toBe(3)
    expect(await summarize('first', `${english} More.`)).toMatchObject({
      status: 409,
      body: { code: 'key_reused' },
    })

    const persian = await sample('fa.txt')
    const second = await summarize('second', persian)
    expect(second).toMatchObject({ status: 200, body: { language: 'fa', words: 302, tokens_charged: 2 } })
    for (const sentence of second.body.sentences) expect(persian).toContain(sentence)
    expect(await balance()).toBe(1)

    expect(await summarize('third', english)).toMatchObject({
      status: 402,
      body: { code: 'tokens_insufficient', detail: expect.stringContaining('only 1 is left') },
    })
    expect(await balance()).toBe(1)
    const [paragraph = ''] = english.split('\n')
    expect(await summarize('fourth', paragraph)).toMatchObject({ status: 200, body: { tokens_charged: 1 } })
    expect(await balance()).toBe(0)
    const refused = await summarize('fifth', paragraph)
    expect(refused).toMatchObject({ status: 402, body: { detail: expect.stringContaining('none is left') } })
    expect(refused.body.summary).toBeUndefined()
    expect(await balance()).toBe(0)

    const usage = await client.get('/api/user/usage', alice)
    const uses = usage.body.recent_usage.map(({ tokens_used }: { tokens_used: number }) => tokens_used)
    expect(uses).toEqual([1, 2, 2])
    const more = { user_automation_id: id, delta_tokens: 10, reason: 'paid in cash' }
    expect((await client.post('/api/admin/tokens/adjust', more, boss)).status).toBe(200)
    expect((await summarize('sixth', english)).status).toBe(200)
    expect(await balance()).toBe(8)
    expect(await home.run(['audit'])).toMatchObject({ code: 0 })
  })
})
