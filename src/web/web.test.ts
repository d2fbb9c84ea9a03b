import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestZimmer, testZimmer } from '../../test/zimmer.ts'
import { openWeb } from './web.ts'

const HTML = { accept: 'text/html,*/*' }

describe('the web app as files', () => {
  let zimmer: TestZimmer
  beforeAll(async () => {
    zimmer = await testZimmer('sqlite', { pages: true })
  })
  afterAll(() => zimmer[Symbol.asyncDispose]())

  const firstScript = async () => {
    const { text } = await zimmer.anyone.get('/', HTML)
    return /<script type="module" src="([^"]+)"/.exec(text)?.[1] as string
  }

  test('a page of the app is its index, under a policy without anything inline', async () => {
    for (const path of ['/', '/login', '/marketplace/7', '/admin/users?search=a']) {
      const { status, headers, text } = await zimmer.anyone.get(path, HTML)
      expect([path, status]).toEqual([path, 200])
      expect(headers.get('cache-control')).toBe('no-cache')
      const policy = headers.get('content-security-policy') as string
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain("script-src 'self';")
      expect(policy).toContain("require-trusted-types-for 'script'")
      expect(policy).not.toContain('unsafe')
      expect(text).not.toMatch(/<style|style=|<script>|\son\w+=/)
      expect(text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
    }
  })

  test('the index revalidates, and is not sent again', async () => {
    const { headers } = await zimmer.anyone.get('/', HTML)
    const again = await zimmer.anyone.get('/', { ...HTML, 'if-none-match': headers.get('etag') as string })
    expect(again.status).toBe(304)
  })

  test('a path of nothing is the page for it to a browser, and a problem to a program', async () => {
    expect((await zimmer.anyone.get('/nothing/here', HTML)).status).toBe(404)
    expect((await zimmer.anyone.get('/nothing/here', HTML)).text).toStartWith('<!doctype html>')
    expect((await zimmer.anyone.get('/nothing/here')).body.code).toBe('no_such_path')
  })

  test('what belongs to programs is never a page', async () => {
    for (const path of ['/api/nothing', '/assets/nothing.js', '/health/x', '/assets/manifest.json.gz']) {
      const { status, body } = await zimmer.anyone.get(path, HTML)
      expect([path, status, body.code]).toEqual([path, 404, 'no_such_path'])
    }
    expect((await zimmer.anyone.post('/login', {}, HTML)).status).toBe(404)
  })

  test('an asset may be kept for ever, and comes in the encoding that is accepted', async () => {
    const path = await firstScript()
    const texts: string[] = []
    for (const [accepted, used] of [
      ['br, gzip', 'br'],
      ['gzip', 'gzip'],
      ['identity', null],
    ] as const) {
      const response = await fetch(zimmer.url + path, { headers: { 'accept-encoding': accepted } })
      expect(response.headers.get('content-encoding')).toBe(used)
      expect(response.headers.get('vary')).toBe('accept-encoding')
      expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
      texts.push(await response.text())
    }
    expect(texts[0]?.length).toBeGreaterThan(1_000)
    expect(new Set(texts).size).toBe(1)
  })

  test('nothing outside of the app can be asked for', async () => {
    for (const path of ['/assets/../web.ts', '/assets/..%2f..%2fpackage.json', '/assets/%00', '/assets/']) {
      expect((await zimmer.anyone.get(path)).status).toBe(404)
    }
  })
})

test('before it is built a page says so and comes back by itself; the API works', async () => {
  const root = mkdtempSync(join(tmpdir(), 'zimmer-web-'))
  mkdirSync(join(root, 'web'))
  const { app } = await testZimmer('sqlite')
  const web = openWeb(app, root)
  const raw = new Request('http://localhost/login', { headers: HTML })
  const answer = await web.answer({ raw } as never)
  expect(answer?.status).toBe(503)
  expect(answer?.headers.get('refresh')).toBe('1')
  cpSync(join(import.meta.dir, '../../web/dist'), join(root, 'web/dist'), { recursive: true })
  expect((await web.answer({ raw } as never))?.status).toBe(200)
  rmSync(root, { recursive: true })
  await app.close()
})
