import { describe, expect, test } from 'bun:test'
import { testSummarizer } from '../test/summarizer.ts'

test('GET /health says what Zimmer looks for', async () => {
  await using summarizer = await testSummarizer()
  const { status, body } = await summarizer.send('/health', {})
  expect(status).toBe(200)
  expect(body).toEqual({ status: 'ok', version: '1.0.0', uptime: expect.any(Number) })
})

test('an unknown address is a 404, a wrong method a 405 that names the right one', async () => {
  await using summarizer = await testSummarizer()
  expect(await summarizer.send('/constructor', {})).toMatchObject({
    status: 404,
    body: { code: 'not_found' },
  })
  const { status, headers } = await summarizer.send('/summaries', {})
  expect([status, headers.get('allow')]).toEqual([405, 'POST'])
})

describe('POST /provision', () => {
  test('it works: the webhook URL is ready for use', async () => {
    await using summarizer = await testSummarizer()
    const { status, body } = await summarizer.provision(43, 8)
    expect(status).toBe(200)
    expect(body).toMatchObject({ success: true, message: expect.any(String) })
    expect(body.webhook_url).toStartWith(`${summarizer.url}/summaries?key=43.`)
    summarizer.zimmer.balances.set(43, { demo: 1, paid: 0 })
    expect(await summarizer.post(String(body.webhook_url), { text: 'Hello.' })).toMatchObject({ status: 200 })
  })

  test('again, it returns the same webhook URL', async () => {
    await using summarizer = await testSummarizer()
    expect((await summarizer.provision(42, 7)).body.webhook_url).toBe(summarizer.webhook)
  })

  test.each(['', 'zst_wrong'])('with the service token %j it is refused', async (token) => {
    await using summarizer = await testSummarizer()
    const { status, body } = await summarizer.provision(42, 8, token)
    expect([status, body.code]).toEqual([401, 'wrong_service_token'])
    expect(await summarizer.summarize({ text: 'Hello.' })).toMatchObject({ status: 200 })
  })

  test.each([
    [{}, 'user_automation_id'],
    [{ user_automation_id: '42', user_id: 7 }, 'user_automation_id'],
    [{ user_automation_id: 0, user_id: 7 }, 'user_automation_id'],
    [{ user_automation_id: 42, user_id: 1.5 }, 'user_id'],
  ])('%j is refused', async (body, field) => {
    await using summarizer = await testSummarizer()
    const reply = await summarizer.post('/provision', body, {
      'x-zimmer-service-token': summarizer.zimmer.token,
    })
    expect(reply).toMatchObject({ status: 422, body: { errors: [{ field }] } })
  })

  test('fields of a later Zimmer are no mistake', async () => {
    await using summarizer = await testSummarizer()
    const body = { user_automation_id: 42, user_id: 7, bot_token: 'secret', demo_tokens: 5, plan: 'gold' }
    const reply = await summarizer.post('/provision', body, {
      'x-zimmer-service-token': summarizer.zimmer.token,
    })
    expect(reply.status).toBe(200)
  })
})
