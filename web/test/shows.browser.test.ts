import { describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../../test/until.ts'
import type { TestZimmer } from '../../test/zimmer.ts'
import { newcomer, setPassword } from './agency.ts'
import { agencyInBrowser } from './agency-in-browser.ts'
import { CHROMIUM, canUse, focused, settled, signIn } from './browser.ts'

const EXAMPLE = join(import.meta.dir, '../../examples/summarizer')
const PASSWORD = 'correct horse battery staple'

/** The example service as a program of its own, put on sale as an operator would do it. */
async function sellSummarizer(zimmer: TestZimmer) {
  const manager = await zimmer.as('manager')
  const { body } = await manager.get('/api/admin/automations')
  const { id } = body.automations.find(({ name }: { name: string }) => name === 'Summarizer')
  const path = `/api/admin/automations/${id}`
  const made = await manager.post(`${path}/generate-service-token`, {})
  const folder = mkdtempSync(join(tmpdir(), 'zimmer-summarizer-'))
  const program = Bun.spawn([process.execPath, join(EXAMPLE, 'src/main.ts')], {
    env: {
      SUMMARIZER_PORT: '0',
      SUMMARIZER_DATA_DIR: folder,
      ZIMMER_URL: zimmer.url,
      ZIMMER_SERVICE_TOKEN: made.body.service_token,
    },
    stdout: 'pipe',
    stderr: 'inherit',
  })
  const { value } = await program.stdout.getReader().read()
  const url = /listening on (\S+)\n/.exec(new TextDecoder().decode(value))?.[1]
  await manager.put(path, { provision_url: `${url}/provision`, health_check_url: `${url}/health` })
  await manager.post(`${path}/health-check`, {})
  return {
    id,
    [Symbol.asyncDispose]: async () => {
      program.kill('SIGTERM')
      await program.exited
      rmSync(folder, { recursive: true })
    },
  }
}

describe.skipIf(!CHROMIUM)('in the browser', () => {
  const agency = agencyInBrowser()

  test('somebody signs up, adds an automation, has it set up; it works for them, and the chart moves', async () => {
    await using summarizer = await sellSummarizer(agency.zimmer)
    await using entered = await agency.enter('nobody')
    const { page } = entered
    await page.goto(`/marketplace/${summarizer.id}`)
    await page.getByRole('link', { name: 'Create an account to try it' }).click()
    await page.getByLabel('Name').fill('Nova <b>Young</b>')
    await page.getByLabel('Email').fill('nova@example.com')
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.getByLabel('Repeat the password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Create an account' }).click()

    // Back where they came from.
    await page.getByRole('button', { name: 'Add, with 20 tokens for free' }).click()
    await page.getByRole('button', { name: 'Set it up' }).click()
    const webhook = page.locator('dd code', { hasText: 'http://' })
    const address = (await webhook.textContent()) as string
    await page.getByRole('link', { name: 'Dashboard' }).click()
    await page.getByRole('heading', { level: 1, name: 'Hello, Nova <b>Young</b>', exact: true }).waitFor()
    const chart = page.getByRole('img', { name: /last 7 days; 0 in all/ })
    await chart.waitFor()

    const text = await Bun.file(join(EXAMPLE, 'samples/en.txt')).text()
    const reply = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text }),
    })
    expect(reply.status).toBe(200)
    await page.getByRole('img', { name: /last 7 days; 2 in all/ }).waitFor()
    await page.getByText('Summarizer: summary').waitFor()
  })

  const givePassword = (id: number) => setPassword(agency.zimmer, id, PASSWORD)

  test('a session that is ended elsewhere is over with the next request; what was typed is still there', async () => {
    const user = await newcomer(agency.zimmer)
    const email = await givePassword(user.id)
    await using here = await agency.enter(user, '/settings')
    await using there = await agency.enter(user, '/settings')
    await there.page.getByLabel('Name').fill('A name that is not saved yet')

    await here.page.reload()
    const end = here.page.getByRole('button', { name: /^End the session/ })
    for (const left of [1, 0]) {
      await end.first().click()
      await here.page.getByText('The session is ended.').first().waitFor()
      expect(
        await until(
          () => end.count(),
          (count) => count === left,
        ),
      ).toBe(left)
    }

    await there.page.getByRole('button', { name: 'Save' }).click()
    const overlay = there.page.getByRole('alertdialog', { name: 'Your session has ended' })
    await overlay.waitFor()
    expect(await canUse(there.page.getByLabel('Name'))).toBe(false)
    await overlay.getByLabel('Email').fill(email)
    await overlay.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await overlay.getByRole('button', { name: 'Sign in', exact: true }).click()
    await overlay.waitFor({ state: 'detached' })
    expect(there.page.url()).toEndWith('/settings')
    expect(await there.page.getByLabel('Name').inputValue()).toBe('A name that is not saved yet')
    await there.page.getByRole('button', { name: 'Save' }).click()
    await there.page.getByText('Your profile is saved.').waitFor()
  })

  test('signing out in one tab signs the other out at once; it says so, and keeps what was typed', async () => {
    const user = await newcomer(agency.zimmer)
    await using entered = await agency.enter(user, '/settings')
    const { context, page } = entered
    await page.getByLabel('Name').fill('Not saved yet')
    const other = await context.newPage()
    await other.goto('/dashboard')
    await settled(other)
    await other.getByRole('button', { name: 'Sign out' }).first().click()
    await other.waitForURL(/\/login/)
    const over = page.getByRole('alertdialog', { name: 'You are signed out' })
    await over.getByText('You signed out in another tab').waitFor()
    expect(await page.evaluate("localStorage.getItem('zimmer.role')")).toBeNull()

    await signIn(other, await givePassword(user.id), PASSWORD)
    await over.waitFor({ state: 'detached' })
    expect(await page.getByLabel('Name').inputValue()).toBe('Not saved yet')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Your profile is saved.').waitFor()
  })

  test('whoever was signed out comes back to where they wanted to go', async () => {
    await using entered = await agency.enter(await newcomer(agency.zimmer), '/dashboard')
    const { page } = entered
    await page.getByRole('button', { name: 'Sign out' }).first().click()
    await page.waitForURL(/\/login/)
    await page.goto('/usage?range=90')
    await page.waitForURL(/\/login\?next=/)
    expect(new URL(page.url()).searchParams.get('next')).toBe('/usage?range=90')
  })

  test('everything is reached by keyboard: the palette finds pages and records, keys lead to pages', async () => {
    await using entered = await agency.enter(await newcomer(agency.zimmer), '/dashboard')
    const { page } = entered
    await page.keyboard.press('Control+k')
    await focused(page.getByRole('dialog'))
    await page.keyboard.type('invoice')
    await page.getByRole('option', { name: 'Invoice Reader' }).waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/marketplace\/\d+$/)
    await page.keyboard.press('Shift+Slash')
    await focused(page.getByRole('dialog', { name: 'Keyboard shortcuts' }))
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.keyboard.press('g')
    await page.keyboard.press('4')
    await page.waitForURL(/\/usage$/)
    await page.keyboard.press('t')
    await page.locator('html[data-theme=dark]').waitFor({ state: 'attached' })
  })

  test('the access token is nowhere that a script of another page could look', async () => {
    await using entered = await agency.enter(await newcomer(agency.zimmer), '/dashboard')
    const { page } = entered
    const stored = await page.evaluate(
      'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])',
    )
    expect(stored).not.toContain('eyJ')
    expect(stored).not.toContain('refresh')
  })

  test('a page is only asked of this server', async () => {
    await using entered = await agency.enter('nobody')
    const { page } = entered
    const hosts = new Set<string>()
    page.on('request', (request) => hosts.add(new URL(request.url()).host))
    for (const path of ['/login', '/marketplace']) {
      await page.goto(path)
      await settled(page)
    }
    expect([...hosts]).toEqual([new URL(agency.zimmer.url).host])
  })

  test('a customer downloads nothing of what is for staff', async () => {
    await using entered = await agency.enter(await newcomer(agency.zimmer), '/dashboard')
    const { page } = entered
    const loaded = new Set<string>()
    page.on('request', (request) => loaded.add(new URL(request.url()).pathname))
    await page.goto('/admin')
    await page.waitForURL(/\/dashboard/)
    await settled(page)
    expect([...loaded].filter((path) => /frame-|admin-|page-/.test(path))).toEqual([])
  })
})
