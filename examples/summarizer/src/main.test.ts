import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FakeZimmer } from '../test/fake-zimmer.ts'

const main = new URL('main.ts', import.meta.url).pathname
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'summarizer-main-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** The real program, in a process of its own. */
function run(env: Record<string, string>) {
  const defaults = { SUMMARIZER_PORT: '0', SUMMARIZER_DATA_DIR: folder }
  return Bun.spawn([process.execPath, 'run', main], {
    env: { PATH: process.env.PATH ?? '', ...defaults, ...env },
    stdout: 'pipe',
    stderr: 'pipe',
  })
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = ''
  for await (const chunk of stream) {
    text += new TextDecoder().decode(chunk)
    if (text.includes('\n')) break
  }
  return text.split('\n')[0] ?? ''
}

describe('the program', () => {
  test('says where it listens, finishes what is in flight on SIGTERM, and ends well', async () => {
    await using zimmer = new FakeZimmer()
    zimmer.balances.set(42, { demo: 5, paid: 0 })
    const child = run({ ZIMMER_URL: zimmer.url, ZIMMER_SERVICE_TOKEN: zimmer.token })
    const line = await firstLine(child.stdout)
    expect(line).toMatch(/^summarizer listening on http:\/\/127\.0\.0\.1:\d+$/)

    const post = (url: string, body: unknown) =>
      fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-zimmer-service-token': zimmer.token },
        body: JSON.stringify(body),
      })
    const provisioned = await post(`${line.split(' ').at(-1)}/provision`, {
      user_automation_id: 42,
      user_id: 7,
    })
    const { webhook_url } = (await provisioned.json()) as { webhook_url: string }

    // Zimmer asks for a second's pause, and the signal comes meanwhile.
    zimmer.trouble = { count: 1, status: 503, headers: { 'retry-after': '1' } }
    const inFlight = post(webhook_url, { text: 'Hello.' })
    while (zimmer.calls.length === 0) await Bun.sleep(5)
    child.kill('SIGTERM')
    const summary = await inFlight
    expect(summary.status).toBe(200)
    expect(await summary.json()).toMatchObject({ summary: 'Hello.' })
    expect(await child.exited).toBe(0)
  })

  test('lists every mistake in its configuration and exits with 2', async () => {
    const child = run({ SUMMARIZER_PORT: 'x', ZIMMER_URL: 'y' })
    const [errors, code] = [await new Response(child.stderr).text(), await child.exited]
    expect(code).toBe(2)
    expect(errors.trim().split('\n')).toHaveLength(3)
  })

  test('tells that its port is taken, and exits with 1', async () => {
    await using zimmer = new FakeZimmer()
    const port = new URL(zimmer.url).port
    const child = run({ SUMMARIZER_PORT: port, ZIMMER_SERVICE_TOKEN: zimmer.token })
    const [errors, code] = [await new Response(child.stderr).text(), await child.exited]
    expect(code).toBe(1)
    expect(errors).toContain("summarizer can't start")
    expect(errors.trim().split('\n')).toHaveLength(1)
  })
})
