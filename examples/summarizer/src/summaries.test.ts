import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { testSummarizer, textOf } from '../test/summarizer.ts'

const persian = readFileSync(new URL('../samples/fa.txt', import.meta.url), 'utf8')
const keyed = (key: string) => ({ 'idempotency-key': key })

describe('POST /summaries', () => {
  test('it works', async () => {
    await using summarizer = await testSummarizer({ demo: 1, paid: 9 })
    const { status, headers, body } = await summarizer.summarize({ text: textOf(250), sentences: 2 })
    expect(status).toBe(200)
    expect(body).toEqual({
      summary: (body.sentences as string[]).join(' '),
      sentences: [expect.any(String), expect.any(String)],
      language: 'en',
      words: 250,
      tokens_charged: 2,
      tokens_remaining: { demo: 0, paid: 8 },
      idempotency_key: expect.any(String),
    })
    expect(headers.get('cache-control')).toBe('no-store')
    expect(summarizer.zimmer.calls).toMatchObject([
      { body: { user_automation_id: 42, units: 2, meta: { words: 250, language: 'en' } } },
    ])
  })

  test('it works in Persian, with three sentences unless told otherwise', async () => {
    await using summarizer = await testSummarizer()
    const { body } = await summarizer.summarize({ text: persian, language: 'auto', user_automation_id: 42 })
    expect(body).toMatchObject({ language: 'fa', words: 302, tokens_charged: 2 })
    expect(body.sentences).toHaveLength(3)
  })

  test('the key may come as a bearer token', async () => {
    await using summarizer = await testSummarizer()
    const authorization = `Bearer ${new URL(summarizer.webhook).searchParams.get('key')}`
    const { status } = await summarizer.post('/summaries', { text: 'Hello.' }, { authorization })
    expect(status).toBe(200)
  })

  test('the text never leaves for Zimmer', async () => {
    await using summarizer = await testSummarizer()
    await summarizer.summarize({ text: 'Confidential matters.' })
    expect(JSON.stringify(summarizer.zimmer.calls)).not.toContain('Confidential')
  })

  test.each([
    ['HTML', '<h1>Hello</h1><p>Dear <b>world</b>.</p>', 3, 'Hello Dear world.'],
    ['emoji', 'Great 😀 news! 🎉🎉', 2, 'Great 😀 news! 🎉🎉'],
    ['one sentence', 'Hello', 1, 'Hello'],
    ['right to left', '\u200fسلام دنیا', 2, '\u200fسلام دنیا'],
  ])('a text with %s works', async (_, text, words, summary) => {
    await using summarizer = await testSummarizer()
    const { status, body } = await summarizer.summarize({ text })
    expect(status).toBe(200)
    expect(body).toMatchObject({ words, summary })
  })

  test('a text of 200,000 emoji and words is not too long', async () => {
    await using summarizer = await testSummarizer()
    const { status } = await summarizer.summarize({ text: `${'😀'.repeat(199_994)} word.` })
    expect(status).toBe(200)
  })
})

describe('an idempotency key', () => {
  test('used again for the same text gives the same summary free of charge', async () => {
    await using summarizer = await testSummarizer()
    const order = { text: textOf(250) }
    const first = await summarizer.summarize(order, keyed('order-1'))
    expect(first.body.idempotency_key).toBe('order-1')
    expect((await summarizer.summarize(order, keyed('order-1'))).body).toEqual(first.body)
    expect(summarizer.zimmer.balances.get(42)).toEqual({ demo: 3, paid: 0 })
  })

  test('that was made up is returned, so that it can be used again', async () => {
    await using summarizer = await testSummarizer()
    const { body, headers } = await summarizer.summarize({ text: textOf(250) })
    expect(headers.get('idempotency-key')).toBe(String(body.idempotency_key))
    await summarizer.summarize({ text: textOf(250) }, keyed(String(body.idempotency_key)))
    expect(summarizer.zimmer.balances.get(42)?.demo).toBe(3)
  })

  test.each([
    ['another text of as many words', { text: textOf(250).replace('word0', 'other') }],
    ['another number of sentences', { text: textOf(250), sentences: 5 }],
    ['another language', { text: textOf(250), language: 'fa' }],
  ])('used again for %s is a conflict', async (_, order) => {
    await using summarizer = await testSummarizer()
    await summarizer.summarize({ text: textOf(250) }, keyed('order-1'))
    const { status, body } = await summarizer.summarize(order, keyed('order-1'))
    expect(status).toBe(409)
    expect(body).toMatchObject({ code: 'key_reused', idempotency_key: 'order-1' })
    expect(body).not.toHaveProperty('summary')
  })

  test('of one customer is nothing to another', async () => {
    await using summarizer = await testSummarizer()
    summarizer.zimmer.balances.set(43, { demo: 5, paid: 0 })
    const { body } = await summarizer.provision(43, 8)
    await summarizer.summarize({ text: 'Mine.' }, keyed('1'))
    const theirs = await summarizer.post(String(body.webhook_url), { text: 'Theirs.' }, keyed('1'))
    expect(theirs).toMatchObject({ status: 200, body: { summary: 'Theirs.', tokens_remaining: { demo: 4 } } })
  })

  test('used ten times at once is charged once', async () => {
    await using summarizer = await testSummarizer()
    const order = () => summarizer.summarize({ text: textOf(250) }, keyed('order-1'))
    const replies = await Promise.all(Array.from({ length: 10 }, order))
    expect(replies.map((reply) => reply.status)).toEqual(Array(10).fill(200))
    expect(summarizer.zimmer.balances.get(42)?.demo).toBe(3)
  })

  test.each(['with space', 'x'.repeat(101)])('of %j is refused', async (key) => {
    await using summarizer = await testSummarizer()
    const { status, body } = await summarizer.summarize({ text: 'Hello.' }, keyed(key))
    expect([status, body.code]).toEqual([400, 'invalid_idempotency_key'])
  })
})

describe('without enough tokens', () => {
  test('there is no summary, but how many are needed and left', async () => {
    await using summarizer = await testSummarizer({ demo: 1, paid: 1 })
    const { status, headers, body } = await summarizer.summarize({ text: textOf(401) })
    expect(status).toBe(402)
    expect(headers.get('content-type')).toBe('application/problem+json')
    expect(body).toMatchObject({ code: 'tokens_insufficient', tokens_needed: 3, words: 401 })
    expect(body.tokens_remaining).toEqual({ demo: 1, paid: 1 })
    expect(body.detail).toContain('costs 3 tokens, but only 2 are left')
    expect(JSON.stringify(body)).not.toContain('word1')
    expect(summarizer.zimmer.balances.get(42)).toEqual({ demo: 1, paid: 1 })
  })

  test('of ten at once, as many get a summary as there are tokens for', async () => {
    await using summarizer = await testSummarizer({ demo: 3, paid: 4 })
    const order = () => summarizer.summarize({ text: textOf(250) })
    const replies = await Promise.all(Array.from({ length: 10 }, order))
    expect(replies.filter((reply) => reply.status === 200)).toHaveLength(3)
    expect(replies.filter((reply) => reply.status === 402)).toHaveLength(7)
  })
})

describe('when Zimmer', () => {
  test('recovers in time, the customer notices nothing', async () => {
    await using summarizer = await testSummarizer()
    summarizer.zimmer.trouble = { count: 2, status: 503, headers: { 'retry-after': '0' } }
    const { status, body } = await summarizer.summarize({ text: 'Hello.' }, keyed('a'))
    expect(status).toBe(200)
    expect(body.tokens_remaining).toEqual({ demo: 4, paid: 0 })
    expect(summarizer.zimmer.keys).toEqual(['42:a', '42:a', '42:a'])
  })

  test('hangs after it counted, the same key later gives the summary without another charge', async () => {
    await using summarizer = await testSummarizer({ timeoutMs: 1_000 })
    summarizer.zimmer.trouble = { count: 4, status: 200, counted: true, hanging: true }
    const first = await summarizer.summarize({ text: 'Hello.' })
    expect(first).toMatchObject({ status: 503, body: { code: 'zimmer_unavailable' } })
    expect(first.body).not.toHaveProperty('summary')
    const second = await summarizer.summarize({ text: 'Hello.' }, keyed(String(first.body.idempotency_key)))
    expect(second).toMatchObject({ status: 200, body: { summary: 'Hello.', tokens_remaining: { demo: 4 } } })
  })

  test('is not there, there is no summary, and the customer is told when to ask again', async () => {
    await using summarizer = await testSummarizer({ zimmerUrl: 'http://127.0.0.1:1' })
    const { status, headers, body } = await summarizer.summarize({ text: 'Hello.' }, keyed('a'))
    expect(status).toBe(503)
    expect(headers.get('retry-after')).toBe('5')
    expect(body).toMatchObject({ code: 'zimmer_unavailable', idempotency_key: 'a' })
  })

  test('asks for a long pause, the customer is told how long', async () => {
    await using summarizer = await testSummarizer()
    summarizer.zimmer.trouble = { count: 9, status: 503, headers: { 'retry-after': '120' } }
    const { headers } = await summarizer.summarize({ text: 'Hello.' })
    expect(headers.get('retry-after')).toBe('120')
  })

  test('refuses our token, the customer learns nothing of it', async () => {
    await using summarizer = await testSummarizer({ token: 'zst_a_token_that_was_revoked' })
    const { status, body } = await summarizer.summarize({ text: 'Hello.' })
    expect([status, body.code]).toEqual([503, 'zimmer_unavailable'])
    expect(JSON.stringify(body)).not.toContain('token_that')
  })

  test('no longer knows the subscription, that is said', async () => {
    await using summarizer = await testSummarizer()
    summarizer.zimmer.balances.delete(42)
    const { status, body } = await summarizer.summarize({ text: 'Hello.' })
    expect([status, body.code]).toEqual([403, 'no_subscription'])
  })
})
