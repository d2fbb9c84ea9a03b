import { describe, expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { createUser } from '../../src/accounts/accounts.ts'
import { AutomationService } from '../../test/automation-service.ts'
import { until } from '../../test/until.ts'
import { someone } from './agency.ts'
import { agencyInBrowser } from './agency-in-browser.ts'
import { findings } from './axe.ts'
import { CHROMIUM, choose, settled } from './browser.ts'

const MANY = 260

describe.skipIf(!CHROMIUM)('staff in the browser', () => {
  const agency = agencyInBrowser()

  /** The customer with the most usage, as the API tells of them. */
  async function busiest() {
    const { userId } = await someone(agency.zimmer)
    const manager = await agency.zimmer.as('manager')
    return (await manager.get(`/api/admin/users/${userId}`)).body
  }

  const isActive = async (id: number) => {
    const user = agency.zimmer.app.db.selectFrom('users').select('is_active').where('id', '=', id)
    return (await user.executeTakeFirstOrThrow()).is_active === 1
  }

  test('find a user from the palette, adjust their tokens, and see it in the audit trail', async () => {
    const user = await busiest()
    const [subscription] = user.automations
    await using entered = await agency.enter('manager', '/admin')
    const { page } = entered
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox').fill(user.email)
    await page.getByRole('option', { name: user.email }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: user.name }).waitFor()

    await page.getByRole('button', { name: `Adjust the balance of ${subscription.automation_name}` }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Go on' }).click()
    await dialog.getByText('A whole number that is not zero').waitFor()
    expect(await findings(page)).toEqual([])
    await dialog.getByLabel('Change in tokens').fill('۵۰')
    await dialog.getByLabel('Kind').selectOption('Promotional')
    await dialog.getByLabel('Last day').fill('2999-12-31')
    await dialog.getByLabel('Reason').fill('A gift <b>for you</b>')
    await dialog.getByRole('button', { name: 'Go on' }).click()
    await dialog.getByRole('button', { name: 'Adjust' }).waitFor()
    await dialog.getByLabel('Change in tokens').fill('5')
    await dialog.getByRole('button', { name: 'Adjust' }).click()
    await dialog.getByText('Type the same number.').waitFor()
    expect(await findings(page)).toEqual([])
    await dialog.getByLabel('Change in tokens').fill('+50')
    await dialog.getByRole('button', { name: 'Adjust' }).click()
    await page
      .getByText(/\+50 tokens for /)
      .first()
      .waitFor()

    const after = await busiest()
    const now = after.automations.find(({ id }: { id: number }) => id === subscription.id)
    expect(now.tokens_remaining).toBe(subscription.tokens_remaining + 50)
    expect(after.adjustments[0]).toMatchObject({ delta_tokens: 50, reason: 'A gift <b>for you</b>' })
    const lots = agency.zimmer.app.db.selectFrom('lots').selectAll().orderBy('id', 'desc')
    const gift = await lots.where('user_automation_id', '=', subscription.id).executeTakeFirstOrThrow()
    expect(gift).toMatchObject({
      kind: 'promotional',
      tokens: 50,
      expires_at: new Date(3000, 0, 1).getTime(),
    })

    await page.getByRole('link', { name: 'Audit trail' }).click()
    await settled(page)
    const row = page.getByRole('row', { name: /adjusted a balance/ }).first()
    await row.getByRole('button').click()
    const entry = page.getByRole('dialog').getByRole('table')
    await entry.getByText('A gift <b>for you</b>').waitFor()
    expect(await findings(page)).toEqual([])
  })

  test('what was adjusted on some days, and what staff did on them; the wrong way round they are the same', async () => {
    await using entered = await agency.enter('manager', '/admin/adjustments')
    const { page } = entered
    const rows = page.locator('tbody tr')
    const [newest, oldest] = await agency.zimmer.app.db
      .selectFrom('adjustments')
      .select(({ fn }) => [
        fn.max<number>('created_at').as('newest'),
        fn.min<number>('created_at').as('oldest'),
      ])
      .executeTakeFirstOrThrow()
      .then((found) => [found.newest, found.oldest])
    const day = (ms = 0) => new Date(ms).toISOString().slice(0, 10)
    /** Types a day, and waits until the page has it from the address: see choose(). */
    const type = async (label: string, text: string) => {
      await page.getByLabel(label).fill(text)
      await page
        .getByLabel(label)
        .and(page.locator(`[value="${text}"]`))
        .waitFor()
    }
    await type('From', day(newest))
    await type('To', day(oldest))
    // The rows of before are pale while others are asked for.
    await page.locator('.opacity-60').waitFor({ state: 'detached' })
    expect(await rows.count()).toBeGreaterThan(0)
    await type('From', '2001-01-01')
    await type('To', '2001-01-02')
    await page.getByText('Nothing was adjusted on these days.').waitFor()
    await page.getByRole('button', { name: 'Clear filters' }).first().click()
    await rows.first().waitFor()
    expect(new URL(page.url()).search).toBe('')

    await page.goto('/admin/audit?from=2001-01-01&to=2001-01-02')
    await page.getByText('No action matches these filters.').waitFor()
    await page.getByLabel('To').fill(day(Date.now()))
    await rows.first().waitFor()
  })

  test('create an automation with the wizard: its address is tested, its token is shown once', async () => {
    await using service = new AutomationService()
    await using entered = await agency.enter('technical_team', '/admin/automations')
    const { page } = entered
    const next = () => page.getByRole('button', { name: 'Go on', exact: true }).click()
    await page.getByRole('link', { name: 'New automation' }).click()
    await next()
    await page.getByText('Please fill this in.').waitFor()
    await page.getByLabel('Name').fill('Poem Writer')
    await page.getByLabel('Description').fill('Writes a poem.')
    await next()
    await page.getByLabel('Price of a token').fill('0.075')
    await next()
    await page.getByText('An amount like 0.05').waitFor()
    await page.getByLabel('Price of a token').fill('0.29')
    await page.getByText('100 tokens cost $29.00').or(page.getByText('100 tokens cost US$29.00')).waitFor()
    await next()
    await page.getByLabel(/Health check address/).fill('http://127.0.0.1:1/health')
    await page.getByRole('button', { name: 'Create it' }).click()

    await page.getByRole('button', { name: 'Check now' }).click()
    await page.getByText('Not working').first().waitFor({ timeout: 30_000 })
    await page.getByRole('button', { name: 'Change the addresses' }).click()
    await page.getByLabel(/Health check address/).fill(service.url('/health'))
    await page.getByRole('button', { name: 'Save and check' }).click()
    await page.getByText('Working', { exact: true }).first().waitFor()
    await page.reload()
    await settled(page)
    await next()

    await page.getByRole('button', { name: 'New token' }).click()
    const token = (await page.locator('pre code').first().textContent()) as string
    expect(token.length).toBeGreaterThan(20)
    expect(await findings(page)).toEqual([])
    await page.getByRole('button', { name: 'Put on the marketplace' }).click()
    await page.getByRole('heading', { level: 1, name: 'Poem Writer' }).waitFor()
    await page.getByText('On sale').waitFor()
    expect(await page.getByText(token).count()).toBe(0)

    const { body } = await agency.zimmer.anyone.get('/api/automations/marketplace?limit=100')
    const made = body.find(({ name }: { name: string }) => name === 'Poem Writer')
    expect(made).toMatchObject({ price_per_token: 29, currency: 'USD' })
    const id = new URL(page.url()).pathname.split('/').at(-1)
    await page.getByRole('button', { name: 'Delete' }).click()
    const dialog = page.getByRole('dialog')
    expect(await dialog.getByRole('button', { name: 'Delete' }).isDisabled()).toBe(true)
    await dialog.getByLabel('Delete').fill('Poem Writer')
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await page.waitForURL(/\/admin\/automations$/)
    expect((await agency.zimmer.anyone.get(`/api/automations/${id}`)).status).toBe(404)
  })

  test('deactivate several users at once after typing how many, and take it back', async () => {
    await using entered = await agency.enter('manager', '/admin/users?role=customer&active=yes')
    const { page } = entered
    const boxes = page.getByRole('checkbox', { name: /^Choose (?!all)/ })
    const links = page.locator('tbody a')
    const chosen: number[] = []
    for (const index of [0, 1, 2]) {
      await boxes.nth(index).check()
      chosen.push(Number((await links.nth(index).getAttribute('href'))?.split('/').at(-1)))
    }
    await page.getByRole('toolbar').getByRole('button', { name: 'Deactivate' }).click()
    const dialog = page.getByRole('dialog')
    const button = dialog.getByRole('button', { name: 'Deactivate' })
    expect(await button.isDisabled()).toBe(true)
    expect(await findings(page)).toEqual([])
    await dialog.getByLabel('Deactivate').fill('3')
    await button.click()
    await page.getByText('3 users deactivated').waitFor()
    expect(await Promise.all(chosen.map(isActive))).toEqual([false, false, false])
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText('Taken back').waitFor()
    expect(await Promise.all(chosen.map(isActive))).toEqual([true, true, true])
  })

  test('keep their filters in the address: over a reload, Back, and in the file', async () => {
    await using entered = await agency.enter('manager', '/admin/users')
    const { page } = entered
    const rows = () => page.locator('tbody tr').count()
    const all = await rows()
    await choose(page.getByLabel('State'), 'no')
    await page.waitForURL(/active=no/)
    await page.getByRole('button', { name: 'Name' }).click()
    await page.waitForURL(/sort=name/)
    await settled(page)
    await page.reload()
    await settled(page)
    await page.getByRole('columnheader', { name: 'Name' }).waitFor()
    expect(await page.getByLabel('State').inputValue()).toBe('no')
    const some = await rows()
    expect(some).toBeGreaterThan(0)
    expect(some).toBeLessThan(all)
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download CSV' }).click(),
    ])
    const csv = await Bun.file(await file.path()).text()
    expect(csv.trim().split('\n').length).toBe(some + 1)
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await page.waitForURL((url) => !url.search.includes('active'))
  })

  test('keep a choice that comes before the page shows the one before', async () => {
    await using entered = await agency.enter('manager', '/admin/users')
    const { page } = entered
    const role = await page.getByLabel('Role').elementHandle()
    await page.getByLabel('State').evaluate((state: HTMLSelectElement, role) => {
      for (const [select, value] of [
        [state, 'no'],
        [role as HTMLSelectElement, 'customer'],
      ] as const) {
        select.value = value
        select.dispatchEvent(new Event('change', { bubbles: true }))
      }
    }, role)
    await page.waitForURL((url) => url.search.includes('active=no') && url.search.includes('role=customer'))
  })

  test('read on in a long list to its end, with only what is in view on the page', async () => {
    await agency.zimmer.app.write(async (tx) => {
      for (let index = 0; index < MANY; index++) {
        const email = `many-${index}@example.com`
        await createUser(tx, { email, name: `Many ${index}`, passwordHash: null, role: 'customer' })
      }
    })
    await using entered = await agency.enter('manager', '/admin/users?search=many-')
    const { page } = entered
    const end = page.getByText(`That is all: ${MANY}`)
    expect(await page.getByRole('table').getAttribute('aria-rowcount')).toBe('-1')
    const scrolled = async () => {
      await page.evaluate(`document.querySelector('section[aria-label=Users]').scrollTo(0, 1e6)`)
      return end.count()
    }
    expect(await until(scrolled, Boolean, 240_000)).toBe(1)
    expect(await page.locator('tbody tr').count()).toBeLessThan(80)
    expect(await page.getByRole('table').getAttribute('aria-rowcount')).toBe(String(MANY + 1))
  })

  test('a day is asked for when its year is whole', async () => {
    await using entered = await agency.enter('manager', '/admin/audit')
    const { page } = entered
    const asked: string[] = []
    page.on('request', (request) => {
      const from = new URL(request.url()).searchParams.get('from')
      if (from !== null && request.url().includes('/api/')) asked.push(from)
    })
    await page.getByLabel('From').pressSequentially('11112026')
    await page.waitForURL(/from=2026-11-11/)
    await page.locator('.opacity-60').waitFor({ state: 'detached' })
    expect(asked.filter((from) => !from.startsWith('2026-11-11'))).toEqual([])
    await page.goBack()
    await page.waitForURL((url) => url.search === '')
    await until(async () => (await page.getByLabel('From').inputValue()) === '')
    expect(await page.getByLabel('From').inputValue()).toBe('')
  })

  test('see only what their role may do, and are told why', async () => {
    const user = await busiest()
    await using entered = await agency.enter('support_staff', `/admin/users/${user.id}`)
    const { page } = entered
    const buttons = ['Deactivate', 'Change role', 'Edit', /^Adjust the balance/]
    for (const name of buttons) expect(await page.getByRole('button', { name }).count()).toBe(0)
    expect(await page.getByRole('link', { name: 'Staff and roles' }).count()).toBe(0)
    await page.goto('/admin/staff')
    await page.getByText('Only managers manage staff').waitFor()
    await page.goto('/admin/automations/new')
    await page.getByText('Your role may look at this').waitFor()
  })

  test('have their settings in their own frame, on a phone too, and find back', async () => {
    await using entered = await agency.enter('support_staff', '/settings')
    const { page } = entered
    await page.waitForURL(/\/admin\/settings$/)
    await page.setViewportSize({ width: 390, height: 844 })
    await page.getByRole('link', { name: 'Zimmer' }).last().click()
    await page.waitForURL(/\/admin$/)
    // A menu that is opened before it is there, it would close again.
    await page.getByRole('heading', { level: 1, name: 'Dashboard' }).waitFor()
    await page.getByRole('button', { name: 'Menu' }).click()
    const menu = page.getByRole('navigation')
    await menu.getByRole('link', { name: /^Settings/ }).click()
    await page.getByRole('heading', { name: 'Where you are signed in' }).waitFor()
    await page.getByRole('button', { name: 'Menu' }).click()
    await menu.getByRole('link', { name: 'Users' }).click()
    await page.waitForURL(/\/admin\/users$/)
  })

  test('make somebody staff, and the last manager stays one', async () => {
    await using entered = await agency.enter('manager', '/admin/staff')
    const { page } = entered
    await page.keyboard.press('n')
    await page.keyboard.press('s')
    const dialog = page.getByRole('dialog')
    await dialog.waitFor()
    expect(await findings(page)).toEqual([])
    await dialog.getByLabel('Name').fill('Sam')
    await dialog.getByLabel('Email').fill('maya@agency.example')
    await dialog.getByLabel('First password', { exact: true }).fill('correct horse battery staple')
    await dialog.getByRole('button', { name: 'Add staff' }).click()
    await dialog.getByText(/already|registered/).waitFor()
    await dialog.getByLabel('Email').fill('sam@agency.example')
    await dialog.getByRole('button', { name: 'Add staff' }).click()
    await page.getByText('Sam can sign in now').waitFor()
    await page.getByRole('link', { name: 'Sam' }).waitFor()
    await lastManagerStays(page)
  })

  async function lastManagerStays(page: Page) {
    // Other tests made managers of their own: only the agency's stays.
    const maya = await agency.zimmer.app.db
      .selectFrom('users')
      .select(['id', 'name', 'email'])
      .where('email', '=', 'maya@agency.example')
      .executeTakeFirstOrThrow()
    await agency.zimmer.app.write((tx) =>
      tx
        .updateTable('users')
        .set({ is_active: 0 })
        .where('role', '=', 'manager')
        .where('id', '<>', maya.id)
        .execute(),
    )
    await page.getByRole('button', { name: `Deactivate: ${maya.name}` }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Deactivate').fill(maya.email)
    await dialog.getByRole('button', { name: 'Deactivate' }).click()
    await dialog.getByText('This is the last active manager').waitFor()
    expect(await isActive(maya.id)).toBe(true)
  }
})
