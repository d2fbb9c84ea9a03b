import { describe, expect, test } from 'bun:test'
import type { BrowserContext, Page } from 'playwright-core'
import { until } from '../../test/until.ts'
import { setPassword, someone } from './agency.ts'
import { agencyInBrowser } from './agency-in-browser.ts'
import { findings } from './axe.ts'
import { CHROMIUM, canUse, choose, focused, settled } from './browser.ts'

const PASSWORD = 'correct horse battery staple'
const LOADED = "performance.getEntriesByType('resource').map(({ name }) => name)"

describe.skipIf(!CHROMIUM)('around every page', () => {
  const agency = agencyInBrowser()

  const refuse = (context: BrowserContext, path: string, status: number, body: object, headers = {}) =>
    context.route(path, (route) =>
      route.fulfill({
        status,
        headers: { 'content-type': 'application/problem+json', ...headers },
        body: JSON.stringify(body),
      }),
    )
  /** Of this browser, and not by the page: as if it was ended somewhere else. */
  const endSession = (page: Page) =>
    page.evaluate("fetch('/api/auth/logout', { method: 'POST' }).then(() => {})")

  async function openAdjusting(page: Page) {
    await page
      .getByRole('button', { name: /^Adjust the balance of/ })
      .first()
      .click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Change in tokens').fill('+7')
    await dialog.getByLabel('Reason').fill('A reason that took a while to write')
    return dialog
  }

  test('a session that ends with a window open is asked for above the window, which keeps what was typed', async () => {
    const { userId: customer } = await someone(agency.zimmer)
    await using entered = await agency.enter('manager', `/admin/users/${customer}`)
    const { page, userId } = entered
    const dialog = await openAdjusting(page)
    await dialog.getByRole('button', { name: 'Go on' }).click()
    const adjust = dialog.getByRole('button', { name: 'Adjust' })
    await adjust.waitFor()
    await dialog.getByLabel('Change in tokens').fill('7')
    await endSession(page)
    await adjust.click()

    const over = page.getByRole('alertdialog', { name: 'Your session has ended' })
    await over.waitFor()
    expect(await findings(page)).toEqual([])
    for (const key of ['Escape', 'Escape', 'Control+k']) await page.keyboard.press(key)
    await page.mouse.click(5, 5)
    expect(await canUse(dialog.getByLabel('Change in tokens'))).toBe(false)
    await over.getByLabel('Email').fill(await setPassword(agency.zimmer, userId, PASSWORD))
    await over.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.keyboard.press('Enter')
    await over.waitFor({ state: 'detached' })
    expect(await dialog.getByLabel('Change in tokens').inputValue()).toBe('7')
    await adjust.click()
    await page
      .getByText(/\+7 tokens for /)
      .first()
      .waitFor()
  })

  test('a window whose form was typed into is closed by its buttons only, and no palette comes over it', async () => {
    const { userId: customer } = await someone(agency.zimmer)
    await using entered = await agency.enter('manager', `/admin/users/${customer}`)
    const { page } = entered
    const dialog = await openAdjusting(page)
    await page.mouse.click(5, 5)
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+k')
    expect(await page.getByRole('dialog', { name: 'Go to or do' }).count()).toBe(0)
    expect(await dialog.getByLabel('Change in tokens').inputValue()).toBe('+7')
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await dialog.waitFor({ state: 'detached' })
    await page
      .getByRole('button', { name: /^Adjust the balance of/ })
      .first()
      .click()
    await focused(dialog)
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
  })

  test('a busy server is left alone for as long as it asks, which is counted down', async () => {
    await using entered = await agency.enter('customer', '/dashboard')
    const { context, page } = entered
    // Seconds that the test lets pass can't pass unseen, as real ones do on a slow machine.
    await page.clock.install()
    await page.reload()
    await settled(page)
    let looks = 0
    await context.route('**/healthz', (route) => {
      looks++
      return route.continue()
    })
    const overloaded = { code: 'overloaded', detail: 'Too much at once' }
    await refuse(context, '**/api/user/usage/**', 503, overloaded, { 'retry-after': '60' })
    await page.getByRole('link', { name: 'Usage' }).first().click()
    await page.getByText('Zimmer is busy').waitFor()
    await page.getByText(/Trying again in [4-6]\d s\./).waitFor()
    await context.unroute('**/api/user/usage/**')
    await page.clock.runFor(30_000)
    await page.getByText(/Trying again in [1-3]?\d s\./).waitFor()
    expect(looks).toBe(0)
    await page.clock.runFor(30_000)
    await page.getByText('Tokens per day').waitFor()
    await page.getByText('Zimmer is busy').waitFor({ state: 'detached' })
    expect(looks).toBe(0)
  })

  test('what is sent offline fails at once, is not sent later, and can be sent again', async () => {
    await using entered = await agency.enter('customer', '/settings', { hasFailures: true })
    const { context, page } = entered
    let sent = 0
    page.on('request', (request) => void (request.method() === 'PUT' && sent++))
    await context.setOffline(true)
    await page.getByLabel('Name').fill('Typed offline')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('nothing was sent').waitFor()
    const before = sent
    await context.setOffline(false)
    await page.getByText('The connection is back', { exact: true }).waitFor()
    expect(await page.getByText('Zimmer does not answer').count()).toBe(0)
    expect(sent).toBe(before)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Your profile is saved.').waitFor()
  })

  test('palette and windows open offline, too; a piece of code that does not come is said, and loses nothing', async () => {
    await using entered = await agency.enter('customer', '/settings', { hasFailures: true })
    const { context, page } = entered
    // Not waitForFunction: it evaluates text, which the policy of the page refuses.
    const parts = ['/overlays-', '/dialog-']
    const loaded = () => page.evaluate<string[]>(LOADED)
    await until(loaded, (paths) => parts.every((part) => paths.some((path) => path.includes(part))))
    await context.setOffline(true)
    await page.keyboard.press('Control+k')
    await focused(page.getByRole('dialog'))
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Sign out everywhere' }).click()
    await page.getByRole('dialog').waitFor()

    await using second = await agency.enter('customer', '/settings', {
      script: 'delete globalThis.requestIdleCallback',
      hasFailures: true,
    })
    await second.context.route('**/assets/overlays-*', (route) => route.abort('connectionrefused'))
    await second.page.reload()
    await settled(second.page)
    await second.page.getByLabel('Name').fill('Still here')
    await second.page.locator('body').press('Control+k')
    await second.page.getByText('This could not be loaded').waitFor()
    expect(await second.page.getByLabel('Name').inputValue()).toBe('Still here')
  })

  const NO_CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', { value: undefined })"

  test('where a page has no clipboard it copies all the same, or selects the text and says so', async () => {
    await using entered = await agency.enter('customer', '/dashboard', {
      script: NO_CLIPBOARD,
      hasFailures: true,
    })
    const { context, page } = entered
    await refuse(context, '**/api/user/usage/**', 500, {
      code: 'internal',
      detail: 'x',
      requestId: 'abc-123',
    })
    await page.clock.install()
    await page.goto('/usage')
    const copy = page.getByRole('button', { name: 'Copy Request id' }).first()
    await copy.waitFor()
    // It is said for a second and a half, in which a slow machine may not look.
    await page.clock.pauseAt(await page.evaluate<number>('Date.now() + 60_000'))
    await copy.click()
    await page.getByRole('status').filter({ hasText: 'Copied' }).first().waitFor({ state: 'attached' })
    await page.clock.resume()
    expect(await copy.evaluate((button) => button === button.ownerDocument.activeElement)).toBe(true)
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox').press('Control+v')
    expect(await page.getByRole('combobox').inputValue()).toBe('abc-123')
    await page.keyboard.press('Escape')
    await page.evaluate('document.execCommand = () => false')
    await copy.click()
    await page.getByText('It is selected: copy it now').waitFor()
    const selected = () => page.evaluate('String(getSelection())')
    expect(await until(selected, (text) => text === 'abc-123')).toBe('abc-123')
  })

  test('a refused field is said in Persian where its rule is known, and else marked as English', async () => {
    await using entered = await agency.enter('customer', '/settings', { language: 'fa' })
    const { context, page } = entered
    const name = page.locator('input[name=name]')
    await refuse(context, '**/api/user/profile', 422, {
      code: 'invalid_input',
      detail: 'x',
      errors: [
        { field: 'name', message: 'must not have more than 100 characters', code: 'maxLength', limit: 100 },
      ],
    })
    await name.fill('x')
    await page.locator('form').first().locator('button[type=submit]').click()
    await page.getByText('حداکثر ۱۰۰ نویسه.').waitFor()
    await context.unroute('**/api/user/profile')
    await refuse(context, '**/api/user/profile', 422, {
      code: 'invalid_input',
      detail: 'x',
      errors: [{ field: 'name', message: 'is odd' }],
    })
    await page.locator('form').first().locator('button[type=submit]').click()
    await page.locator('[lang=en][dir=ltr]', { hasText: 'is odd' }).waitFor()
  })

  test('an answer to other words is never chosen in the palette; asking and failing are said', async () => {
    await using entered = await agency.enter('manager', '/admin', { hasFailures: true })
    const { context, page } = entered
    await page.keyboard.press('Control+k')
    const field = page.getByRole('combobox')
    await field.fill('summarizer')
    await page.getByRole('option', { name: 'Summarizer' }).waitFor()
    let answer = () => {}
    const held = new Promise<void>((resolve) => {
      answer = resolve
    })
    await context.route(/\/api\/admin\/users\?.*invoice/, async (route) => {
      await held
      await route.continue()
    })
    await field.fill('invoice reader')
    await page.keyboard.press('Enter')
    await page.getByText('Searching').waitFor()
    expect(new URL(page.url()).pathname).toBe('/admin')
    expect(await page.getByRole('option').count()).toBe(0)
    answer()
    await page.getByRole('option', { name: 'Invoice Reader' }).waitFor()
    await refuse(context, '**/api/admin/users?*', 500, { code: 'internal', detail: 'x' })
    await field.fill('nobody of this name')
    await page.getByText('The search got no answer').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Sign out' }).first().click()
    await page.waitForURL(/\/login/)
    await page.getByRole('heading', { name: 'Welcome back' }).waitFor()
    await page.locator('body').press('Control+k')
    expect(await page.getByRole('combobox').count()).toBe(0)
  })

  test('a toast waits for whoever reads it, an undo for its time; a failure has its id and another try', async () => {
    const { userId: customer } = await agency.zimmer.user('customer')
    await using entered = await agency.enter('manager', null, { hasFailures: true })
    const { context, page } = entered
    await page.clock.install()
    await page.goto(`/admin/users/${customer}`)
    await settled(page)
    await page.getByRole('button', { name: 'Deactivate' }).click()
    const undo = page.getByRole('button', { name: 'Undo' })
    const email = await page.getByText(/@/).first().textContent()
    await page.getByRole('dialog').getByLabel('Deactivate').fill(String(email))
    await page.getByRole('dialog').getByRole('button', { name: 'Deactivate' }).click()
    await undo.waitFor()
    // What follows would take a slow machine longer than the undo is shown.
    await page.clock.pauseAt(await page.evaluate<number>('Date.now() + 3_000'))
    await refuse(context, '**/api/auth/logout', 500, { code: 'internal', detail: 'x', requestId: 'abc-123' })
    const failures = page.getByText('You are still signed in')
    const signOut = page.getByRole('button', { name: 'Sign out' }).first()
    for (let turn = 0; turn < 3; turn++) {
      await signOut.click()
      await failures.nth(turn).waitFor()
    }
    // The fourth takes the place of the first.
    const oldest = await failures.first().elementHandle()
    await signOut.click()
    await oldest?.waitForElementState('hidden')
    expect(await failures.count()).toBe(3)
    expect(await undo.count()).toBe(1)
    await page.getByText('abc-123').first().waitFor()
    await failures.last().hover()
    // What a pointer changes is drawn when nothing else is to be done.
    await page.evaluate("scheduler.postTask(() => {}, { priority: 'background' })")
    await page.clock.fastForward(30_000)
    await undo.waitFor({ state: 'detached' })
    expect(await failures.count()).toBe(1)
    await context.unroute('**/api/auth/logout')
    await page.clock.resume()
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.waitForURL(/\/login/)
  })

  test('a name keeps its own direction within a sentence of the other one', async () => {
    await using entered = await agency.enter('customer', '/dashboard', { language: 'fa' })
    const { page } = entered
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox').fill('zzqq!')
    await page.getByText('\u2068zzqq!\u2069').waitFor()
  })

  test('a word to type may have the figures of another language', async () => {
    await using entered = await agency.enter('manager', '/admin/users?role=customer&active=yes')
    const { page } = entered
    for (const index of [0, 1])
      await page
        .getByRole('checkbox', { name: /^Choose (?!all)/ })
        .nth(index)
        .check()
    await page.getByRole('toolbar').getByRole('button', { name: 'Deactivate' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Deactivate').fill(' ۲ ')
    expect(await dialog.getByRole('button', { name: 'Deactivate' }).isEnabled()).toBe(true)
  })

  test('Back undoes a choice, not a letter', async () => {
    await using entered = await agency.enter('manager', '/admin/users')
    const { page } = entered
    await page.getByRole('searchbox').fill('a')
    await page.waitForURL(/search=a$/)
    await page.getByRole('button', { name: 'Clear filters' }).first().waitFor()
    await choose(page.getByLabel('State'), 'no')
    await page.waitForURL(/active=no/)
    await choose(page.getByLabel('Role'), 'customer')
    await page.waitForURL(/role=customer/)
    await page.goBack()
    await page.waitForURL((url) => !url.search.includes('role') && url.search.includes('active=no'))
    await page.goBack()
    await page.waitForURL(/\?search=a$/)
    expect(await page.getByRole('searchbox').inputValue()).toBe('a')
  })

  test('a start that is refused leads to the sign-in; one that comes too often says how long to wait', async () => {
    await using entered = await agency.enter('customer', null, { hasFailures: true })
    const { context, page } = entered
    await refuse(
      context,
      '**/api/auth/refresh',
      429,
      { code: 'rate_limited', detail: 'x' },
      { 'retry-after': '3' },
    )
    await page.goto('/dashboard')
    await page.getByText('Too many requests').waitFor()
    await context.unroute('**/api/auth/refresh')
    await page.getByRole('heading', { level: 1 }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/dashboard')
    await refuse(context, '**/api/auth/refresh', 403, { code: 'foreign_origin', detail: 'x' })
    await page.goto('/usage')
    await page.waitForURL(/\/login\?next=/)
  })
})
