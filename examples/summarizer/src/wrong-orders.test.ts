import { describe, expect, test } from 'bun:test'
import { testSummarizer } from '../test/summarizer.ts'

describe('a wrong request is refused, and nothing charged:', () => {
  test.each([
    ['no body', '', 400, 'invalid_json'],
    ['no JSON', '{"text": ', 400, 'invalid_json'],
    ['no object', '["text"]', 400, 'invalid_json'],
    ['no text', {}, 422, 'invalid_fields'],
    ['a text of white space', { text: ' \n\t\u00a0' }, 422, 'invalid_fields'],
    ['a text of emoji only', { text: '😀😀' }, 422, 'invalid_fields'],
    ['a text of tags only', { text: '<p></p><script>let a</script>' }, 422, 'invalid_fields'],
    ['a text that is a number', { text: 5 }, 422, 'invalid_fields'],
    ['an unknown field', { text: 'Hello.', length: 3 }, 422, 'invalid_fields'],
    ['a field called __proto__', '{"text": "Hello.", "__proto__": {}}', 422, 'invalid_fields'],
    ['no sentences', { text: 'Hello.', sentences: 0 }, 422, 'invalid_fields'],
    ['21 sentences', { text: 'Hello.', sentences: 21 }, 422, 'invalid_fields'],
    ['half a sentence', { text: 'Hello.', sentences: 1.5 }, 422, 'invalid_fields'],
    ['an unknown language', { text: 'Hello.', language: 'de' }, 422, 'invalid_fields'],
    ['a language of null', { text: 'Hello.', language: null }, 422, 'invalid_fields'],
    ['another subscription', { text: 'Hello.', user_automation_id: 43 }, 401, 'wrong_key'],
    ['a text too long', { text: `${'a'.repeat(200_000)}.` }, 413, 'text_too_long'],
    ['a body too large', { text: 'a'.repeat(3_000_000) }, 413, 'body_too_large'],
    ['JSON a hundred thousand levels deep', '['.repeat(100_000), 400, 'invalid_json'],
  ])('%s', async (_, order, expectedStatus, code) => {
    await using summarizer = await testSummarizer()
    const { status, headers, body } = await summarizer.summarize(order)
    expect([status, body.code]).toEqual([expectedStatus, code])
    expect(body).toMatchObject({ type: expect.any(String), title: expect.any(String), status })
    expect(headers.get('content-type')).toBe('application/problem+json')
    expect(summarizer.zimmer.calls).toEqual([])
  })

  test('every wrong field is named', async () => {
    await using summarizer = await testSummarizer()
    const { body } = await summarizer.summarize({ txt: 'Hello.', sentences: '3' })
    const errors = body.errors as { field: string }[]
    expect(errors.map((error) => error.field).sort()).toEqual(['sentences', 'text', 'txt'])
  })

  test('bytes that are not UTF-8', async () => {
    await using summarizer = await testSummarizer()
    const { status } = await summarizer.send(summarizer.webhook, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: Uint8Array.from([0x22, 0xff, 0x22]),
    })
    expect(status).toBe(400)
  })

  test('a large body without a length', async () => {
    await using summarizer = await testSummarizer()
    const chunk = new TextEncoder().encode('a'.repeat(100_000))
    let chunks = 0
    const { status } = await summarizer.send(summarizer.webhook, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new ReadableStream({
        pull: (controller) => (chunks++ < 40 ? controller.enqueue(chunk) : controller.close()),
      }),
    })
    expect(status).toBe(413)
  })

  test.each(['text/plain', 'application/x-www-form-urlencoded', ''])('content type %j', async (type) => {
    await using summarizer = await testSummarizer()
    const { status } = await summarizer.summarize({ text: 'Hello.' }, { 'content-type': type })
    expect(status).toBe(415)
  })

  test.each(['', '?key=', '?key=42.wrong', '?key=43.wrong'])('key %j', async (query) => {
    await using summarizer = await testSummarizer()
    const { status, headers, body } = await summarizer.post(`/summaries${query}`, { text: 'Hello.' })
    expect([status, body.code]).toEqual([401, 'wrong_key'])
    expect(headers.get('www-authenticate')).toBe('Bearer')
  })
})
