import { describe, expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { agencyInBrowser } from './agency-in-browser.ts'
import { CHROMIUM, settled } from './browser.ts'

const LONG = 'سلام <img src=x onerror=alert(1)> '.repeat(150).slice(0, 4_900)

describe.skipIf(!CHROMIUM)('when things go badly', () => {
  const agency = agencyInBrowser()

  const name = (page: Page) => page.getByLabel('Name')
  const save = (page: Page) => page.getByRole('button', { name: 'Save' }).click()

  test('a server that is gone is said, nothing typed is lost, and it goes on when the server is back', async () => {
    await using entered = await agency.enter('customer', '/settings', { hasFailures: true })
    const { context, page } = entered
    await name(page).fill('Typed while it was gone')
    await context.route(/\/(api|healthz)/, (route) => route.abort('connectionrefused'))
    await save(page)
    await page.getByText('Zimmer does not answer').waitFor()
    expect(await name(page).inputValue()).toBe('Typed while it was gone')
    await context.unroute(/\/(api|healthz)/)
    await page.getByText('The connection is back').waitFor()
    await save(page)
    await page.getByText('Your profile is saved.').waitFor()
  })

  test('a browser that is offline is said, and goes on by itself', async () => {
    await using entered = await agency.enter('customer', '/dashboard', { hasFailures: true })
    const { context, page } = entered
    await context.setOffline(true)
    await page.getByText('You are offline').waitFor()
    await context.setOffline(false)
    await page.getByText('The connection is back').waitFor()
  })

  test('a 503 is repeated after the time that it asks for', async () => {
    await using entered = await agency.enter('customer', '/dashboard')
    const { context, page } = entered
    let refused = 0
    const busyIsSaid = Promise.withResolvers<void>()
    await context.route('**/api/user/automations?*', async (route) => {
      if (refused++ > 0) return busyIsSaid.promise.then(() => route.continue())
      const body = JSON.stringify({ code: 'overloaded', detail: 'Too much at once', requestId: 'r-1' })
      await route.fulfill({
        status: 503,
        headers: { 'retry-after': '1', 'content-type': 'application/problem+json' },
        body,
      })
    })
    await page.getByRole('link', { name: 'My automations' }).first().click()
    await page.getByText(/Zimmer is busy/).waitFor()
    busyIsSaid.resolve()
    // Which automations a customer of the demo has depends on the day.
    await page.locator('main').getByText('Active', { exact: true }).first().waitFor()
    expect(refused).toBeGreaterThan(1)
  })

  test('what the server refuses at a field stands at that field, which has the focus', async () => {
    await using entered = await agency.enter('customer', '/settings')
    const { context, page } = entered
    await context.route('**/api/user/profile', (route) =>
      route.fulfill({
        status: 422,
        contentType: 'application/problem+json',
        body: JSON.stringify({
          code: 'invalid_input',
          detail: 'name: is odd',
          errors: [{ field: 'name', message: 'is odd' }],
        }),
      }),
    )
    await name(page).fill('Odd')
    await save(page)
    await page.getByText('is odd').waitFor()
    expect(await name(page).getAttribute('aria-invalid')).toBe('true')
    expect(await name(page).inputValue()).toBe('Odd')
    expect(await page.evaluate('document.activeElement?.getAttribute("name")')).toBe('name')
  })

  test('a failure has a request id to copy and a way to try again', async () => {
    await using entered = await agency.enter('customer', '/automations', { hasFailures: true })
    const { context, page } = entered
    await context.route('**/api/user/usage/**', (route) =>
      route.fulfill({
        status: 500,
        contentType: 'application/problem+json',
        body: JSON.stringify({ code: 'internal', detail: 'x', requestId: 'abc-123' }),
      }),
    )
    await page.goto('/usage')
    await page.getByText('abc-123').first().waitFor()
    await context.unroute('**/api/user/usage/**')
    await page.getByRole('button', { name: 'Try again' }).first().click()
    await page.getByText('Tokens per day').waitFor()
  })

  test('long, bidirectional and hostile texts are only texts, and break no layout', async () => {
    await agency.zimmer.app.write(async (tx) => {
      await tx
        .updateTable('automations')
        .set({ name: `<script>alert(1)</script> ${'ن'.repeat(60)}`, description: LONG })
        .where('id', '=', 1)
        .execute()
      tx.touch('automations')
    })
    for (const width of [1440, 390]) {
      await using entered = await agency.enter('customer', '/marketplace', { width })
      const { page } = entered
      page.on('dialog', () => expect.unreachable('a script has run'))
      for (const path of ['/marketplace', '/marketplace/1', '/automations', '/dashboard']) {
        await page.goto(path)
        await settled(page)
        const over = await page.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        )
        expect({ path, width, tooWide: Math.max(0, over as number) }).toEqual({ path, width, tooWide: 0 })
        expect(await page.locator('img[src=x]').count()).toBe(0)
      }
    }
  })
})
