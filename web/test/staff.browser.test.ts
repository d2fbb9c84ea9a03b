import { describe, expect, test } from 'bun:test'
import type { Route } from 'playwright-core'
import { createUser } from '../../src/accounts/accounts.ts'
import { agencyInBrowser } from './agency-in-browser.ts'
import { CHROMIUM, hold } from './browser.ts'

const MANY = 105

const refused = (code: string) => (route: Route) =>
  route.fulfill({ status: 409, contentType: 'application/problem+json', body: JSON.stringify({ code }) })

describe.skipIf(!CHROMIUM)('what staff do on a page', () => {
  const agency = agencyInBrowser()

  test('listing shows at once, and is taken back when the server refuses', async () => {
    const { automationId } = await agency.zimmer.automation({ name: 'On and off' })
    await using entered = await agency.enter('manager', `/admin/automations/${automationId}`)
    const { page } = entered
    const { sent } = await hold(page, `**/api/admin/automations/${automationId}`, 'PUT')
    await page.getByRole('button', { name: 'Take off the marketplace' }).click()
    await page.getByRole('button', { name: 'Put on the marketplace' }).waitFor()
    await page.getByText('Not listed').waitFor()
    await refused('automation_changed')(await sent)
    await page.getByText('Somebody else has changed this automation').waitFor()
    await page.getByRole('button', { name: 'Take off the marketplace' }).waitFor()
    await page.unrouteAll()
    await page.getByRole('button', { name: 'Take off the marketplace' }).click()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText('On sale').waitFor()
  })

  test('activating shows at once', async () => {
    const { userId } = await agency.zimmer.user('customer')
    await agency.zimmer.app.write((tx) =>
      tx.updateTable('users').set({ is_active: 0 }).where('id', '=', userId).execute(),
    )
    await using entered = await agency.enter('manager', `/admin/users/${userId}`)
    const { page } = entered
    const { sent } = await hold(page, '**/activate', 'POST')
    await page.getByRole('button', { name: 'Activate' }).click()
    await page.getByRole('button', { name: 'Deactivate' }).waitFor()
    await refused('no_such_user')(await sent)
    await page.getByRole('button', { name: 'Activate', exact: true }).waitFor()
  })

  test('a rotation that leaves no overlap is typed first', async () => {
    const { automationId } = await agency.zimmer.automation({ name: 'Rotating' })
    await using entered = await agency.enter('manager', `/admin/automations/${automationId}`)
    const { page } = entered
    await page.getByRole('button', { name: 'Rotate' }).click()
    const dialog = page.getByRole('dialog')
    const rotate = dialog.getByRole('button', { name: 'Rotate' })
    expect(await rotate.isDisabled()).toBe(false)
    await dialog.getByLabel('Overlap').selectOption('0')
    expect(await rotate.isDisabled()).toBe(true)
    await dialog.getByLabel('Rotate').fill('Rotating')
    await rotate.click()
    await page.getByText('Copy the token now').waitFor()
  })

  test('an address whose id is none asks the server nothing', async () => {
    await using entered = await agency.enter('manager', '/admin')
    const { page } = entered
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    for (const [path, words] of [
      ['/admin/users/someone', 'There is no such user.'],
      ['/admin/automations/0', 'There is no such automation.'],
    ] as const) {
      await page.goto(path)
      await page.getByText(words).waitFor()
    }
    expect(asked.filter((url) => /NaN|someone\/|automations\/0\//.test(url))).toEqual([])
  })

  test('what was done to the first hundred can be undone when the second was refused', async () => {
    const ids = await agency.zimmer.app.write(async (tx) => {
      const made = []
      for (let index = 0; index < MANY; index++) {
        const account = { email: `bulk-${index}@example.com`, name: `Bulk ${index}`, passwordHash: null }
        made.push((await createUser(tx, { ...account, role: 'customer' })).id)
      }
      return made
    })
    const active = async () => {
      const users = agency.zimmer.app.db.selectFrom('users').select('id').where('id', 'in', ids)
      return (await users.where('is_active', '=', 1).execute()).length
    }
    await using entered = await agency.enter('manager', '/admin/users?search=bulk-')
    const { page } = entered
    await page.evaluate(`document.querySelector('section[aria-label=Users]').scrollTo(0, 1e6)`)
    await page.getByText(`That is all: ${MANY}`).waitFor()
    await page.getByLabel('Choose all customers shown').check()
    let times = 0
    await page.route('**/bulk-status', (route) => (++times === 2 ? refused('x')(route) : route.continue()))
    await page.getByRole('toolbar').getByRole('button', { name: 'Deactivate' }).click()
    await page.getByRole('dialog').getByLabel('Deactivate').fill(String(MANY))
    await page.getByRole('dialog').getByRole('button', { name: 'Deactivate' }).click()
    await page.getByText('100 users deactivated').waitFor()
    expect(await active()).toBe(MANY - 100)
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText('Taken back').waitFor()
    expect(await active()).toBe(MANY)
  })

  test('the hundred and first automation can be chosen as a filter', async () => {
    for (let index = 1; index <= MANY; index++) await agency.zimmer.automation({ name: `Numbered ${index}` })
    await using entered = await agency.enter('manager', '/admin/subscriptions')
    await entered.page.getByLabel('Automation', { exact: true }).selectOption({ label: `Numbered ${MANY}` })
    await entered.page.waitForURL(/automation=\d+/)
  })
})
