import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serviceOf } from '../src/service.ts'
import { Subscriptions } from '../src/subscriptions.ts'
import { FakeZimmer } from './fake-zimmer.ts'

type Options = { demo?: number; paid?: number; token?: string; zimmerUrl?: string; timeoutMs?: number }
type Reply = { status: number; headers: Headers; body: Record<string, unknown> }

/** A summarizer over real HTTP with a fake Zimmer behind it, and customer 7 subscribed to it as 42. */
export async function testSummarizer(options: Options = {}) {
  const { demo = 5, paid = 0, token, zimmerUrl, timeoutMs = 20_000 } = options
  const zimmer = new FakeZimmer()
  zimmer.balances.set(42, { demo, paid })
  const folder = mkdtempSync(join(tmpdir(), 'summarizer-'))
  const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: (request) => handle(request) })
  const url = `http://127.0.0.1:${server.port}`
  const handle = serviceOf({
    subscriptions: new Subscriptions(folder),
    publicUrl: url,
    zimmer: {
      url: zimmerUrl ?? zimmer.url,
      serviceToken: token ?? zimmer.token,
      timeoutMs,
      backoffMs: 1,
    },
  })

  async function send(path: string, init: RequestInit): Promise<Reply> {
    const response = await fetch(path.startsWith('http') ? path : url + path, init)
    const { status, headers } = response
    return { status, headers, body: (await response.json()) as Record<string, unknown> }
  }
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    send(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  const provision = (id: number, userId: number, serviceToken = token ?? zimmer.token) =>
    post(
      '/provision',
      { user_automation_id: id, user_id: userId, bot_token: null, demo_tokens: 5 },
      { 'x-zimmer-service-token': serviceToken },
    )

  const webhook = String((await provision(42, 7)).body.webhook_url)
  return {
    zimmer,
    url,
    webhook,
    send,
    post,
    provision,
    summarize: (body: unknown, headers?: Record<string, string>) => post(webhook, body, headers),
    async [Symbol.asyncDispose]() {
      await server.stop(true)
      await zimmer[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true })
    },
  }
}

/** A text of so many words, in sentences of ten. */
export function textOf(words: number): string {
  return Array.from({ length: words }, (_, i) => `word${i % 37}${i % 10 === 9 ? '.' : ''}`).join(' ')
}
