import { describe, expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { subscribe } from '../../src/subscriptions/subscriptions.ts'
import { monthsBefore } from '../src/i18n/calendar.ts'
import { newcomer } from './agency.ts'
import { agencyInBrowser } from './agency-in-browser.ts'
import { CHROMIUM, hold, settled } from './browser.ts'

const MANY = 105

describe.skipIf(!CHROMIUM)('customers in the browser', () => {
  const agency = agencyInBrowser()

  const stepNow = (page: Page) => page.locator('li[aria-current=step] p').first().textContent()
  const buy = async (user_automation_id: number, delta_tokens: number) => {
    const manager = await agency.zimmer.as('manager')
    await manager.post('/api/admin/tokens/adjust', { user_automation_id, delta_tokens, reason: 'Bought' })
  }
  const again = async (page: Page) => {
    await page.reload()
    await settled(page)
  }

  test('a newcomer is told the next step until they have tried and bought, and never again', async () => {
    const alice = await agency.zimmer.customer({ demoTokens: 20 })
    await using entered = await agency.enter({ id: alice.userId, role: 'customer' }, '/dashboard')
    const { page } = entered
    expect(await stepNow(page)).toContain('Have it set up')
    await agency.zimmer.app.write(async (tx) => {
      const connected = tx.updateTable('user_automations').set({ integration_status: 'connected' })
      await connected.where('id', '=', alice.userAutomationId).execute()
      tx.touch(`user:${alice.userId}`)
    })
    await again(page)
    expect(await stepNow(page)).toContain('Try it')
    await agency.zimmer.consume(alice, 2)
    await again(page)
    expect(await stepNow(page)).toContain('Get more tokens')
    await page.getByRole('link', { name: 'How to get them' }).click()
    await page.getByText('For more tokens ask whoever runs this Zimmer').waitFor()

    await buy(alice.userAutomationId, 7)
    await page.goto('/dashboard')
    await settled(page)
    expect(await page.getByText('First steps').count()).toBe(0)
    await agency.zimmer.consume(alice, 25)
    await again(page)
    expect(await page.getByText('First steps').count()).toBe(0)
  })

  test('a newcomer may put the first steps away', async () => {
    await using entered = await agency.enter(await newcomer(agency.zimmer), '/dashboard')
    const { page } = entered
    expect(await stepNow(page)).toContain('Add an automation')
    await page.getByRole('button', { name: 'Put away' }).click()
    expect(await page.getByText('First steps').count()).toBe(0)
    await again(page)
    expect(await page.getByText('First steps').count()).toBe(0)
  })

  test('on a phone visitors sign in and customers sign out at the top, and in their settings', async () => {
    await using visit = await agency.enter('nobody', '/marketplace', { width: 390 })
    await visit.page.getByRole('link', { name: 'Sign in' }).click()
    await visit.page.waitForURL(/\/login/)
    for (const path of ['/dashboard', '/settings']) {
      await using entered = await agency.enter(await newcomer(agency.zimmer), path, { width: 390 })
      const out = entered.page.locator('header, main').getByRole('button', { name: 'Sign out', exact: true })
      expect(await out.count()).toBe(path === '/settings' ? 2 : 1)
      await out.last().click()
      await entered.page.waitForURL(/\/login/)
    }
  })

  test('in Persian months are Jalali, and a date is typed as one', async () => {
    await using entered = await agency.enter('customer', '/dashboard', { language: 'fa' })
    const { page } = entered
    const months = page.getByRole('img', { name: /۶ ماه گذشته/ })
    // It is drawn when its width is known, which is after the page stands.
    await months.waitFor()
    const today = new Date().toISOString().slice(0, 10)
    const name = new Intl.DateTimeFormat('fa-IR-u-ca-persian', { timeZone: 'UTC', month: 'short' })
    const names = [5, 4, 3, 2, 1, 0].map((back) => name.format(Date.parse(monthsBefore(today, back, 'fa'))))
    expect((await months.locator('text').allTextContents()).slice(-names.length)).toEqual(names)

    await page.goto('/usage?range=own')
    await settled(page)
    expect(await page.locator('input[type=date]').count()).toBe(0)
    const field = page.getByLabel('از', { exact: true })
    await field.fill('1405/02/32')
    await page.getByText('چنین روزی وجود ندارد.').waitFor()
    await field.fill('۱۴۰۵/۰۲/۳۱')
    await page.waitForURL(/from=2026-05-21/)
    await page.getByText('۳۱ اردیبهشت ۱۴۰۵').waitFor()
  })

  test('a password that is too long is said to be, and never cut', async () => {
    await using entered = await agency.enter('nobody', '/signup')
    const { page } = entered
    const password = page.getByLabel('Password', { exact: true })
    await password.fill('long '.repeat(40))
    await page.getByRole('button', { name: 'Create an account' }).click()
    await page.getByText('At most 128 characters.').waitFor()
    expect((await password.inputValue()).length).toBe(200)
  })

  test('pausing shows at once, and is taken back when the server refuses', async () => {
    const alice = await agency.zimmer.customer({ demoTokens: 20 })
    const path = `/marketplace/${alice.automationId}`
    await using entered = await agency.enter({ id: alice.userId, role: 'customer' }, path)
    const { page } = entered
    const { sent } = await hold(page, `**/api/user/automations/${alice.userAutomationId}`, 'PUT')
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByText('Paused', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Resume' }).waitFor()
    const refusal = { status: 409, contentType: 'application/problem+json', body: '{"code":"x"}' }
    await (await sent).fulfill(refusal)
    await page.getByRole('alert').waitFor()
    await page.getByRole('button', { name: 'Pause' }).waitFor()
    await page.getByText('Active', { exact: true }).waitFor()

    await page.unrouteAll()
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByText(/is paused: it spends nothing/).waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText(/works again/).waitFor()
  })

  test('what is theirs and cannot be read is not offered to be added', async () => {
    const alice = await agency.zimmer.customer({ demoTokens: 20 })
    await using entered = await agency.enter({ id: alice.userId, role: 'customer' }, '/settings')
    const { page } = entered
    const body = '{"code":"internal","requestId":"own-1"}'
    await page.route(`**/api/user/automations/${alice.automationId}`, (route) =>
      route.fulfill({ status: 409, contentType: 'application/problem+json', body }),
    )
    await page.goto(`/marketplace/${alice.automationId}`)
    await page.getByText('own-1').waitFor()
    expect(await page.getByRole('button', { name: /^Add/ }).count()).toBe(0)
    await page.unrouteAll()
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('button', { name: 'Pause' }).waitFor()
  })

  test('the hundred and first automation is found, on sale and among their own', async () => {
    const alice = await newcomer(agency.zimmer)
    for (let index = 1; index <= MANY; index++) {
      const { automationId } = await agency.zimmer.automation({ name: `Numbered ${index}` })
      await agency.zimmer.app.write((tx) => subscribe(tx, { userId: alice.id, automationId }))
    }
    await using entered = await agency.enter(alice, '/automations')
    const { page } = entered
    for (const path of ['/automations', '/marketplace']) {
      await page.goto(path)
      await settled(page)
      await page.getByRole('searchbox').fill(`numbered ${MANY}`)
      await page.getByRole('link', { name: `Numbered ${MANY}` }).waitFor()
    }
  })
})
