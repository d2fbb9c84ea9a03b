import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import type { Role } from '../../src/storage/tables.ts'
import { type TestZimmer, testZimmer } from '../../test/zimmer.ts'
import { newcomer } from './agency.ts'
import { agencyInBrowser, enter } from './agency-in-browser.ts'
import { findings } from './axe.ts'
import { CHROMIUM, type Look, settled } from './browser.ts'
import { busy } from './busy.ts'

const LOOKS = [
  { width: 1440, language: 'en' },
  { width: 1440, language: 'fa' },
  { width: 390, language: 'en' },
  { width: 390, language: 'fa' },
] as const

const LISTS = ['users', 'automations', 'subscriptions', 'adjustments', 'usage', 'audit', 'staff']

/** What every-page.browser.test.ts does not come by: what is empty, what opens, what has steps, what has data. */
describe.skipIf(!CHROMIUM)('axe finds nothing', () => {
  const agency = agencyInBrowser(busy)
  let empty: TestZimmer
  beforeAll(async () => {
    empty = await testZimmer('sqlite', { pages: true })
  })
  afterAll(() => empty?.[Symbol.asyncDispose]())
  const enterEmpty = async (look: Partial<Look>, role: Role) =>
    enter(agency.browser, empty, { who: await newcomer(empty, role), path: null, ...look })

  describe.each(LOOKS)('$width px wide in $language', (look) => {
    async function at(page: Page, path: string) {
      await page.goto(path)
      await settled(page)
      await nothing(page, path)
    }

    async function nothing(page: Page, what: string) {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        await page.locator(`html[data-theme=${colorScheme}]`).waitFor({ state: 'attached' })
        const found = await findings(page, colorScheme === 'light')
        expect({ what, colorScheme, found }).toEqual({ what, colorScheme, found: [] })
      }
    }

    test('on the pages of a newcomer', async () => {
      await using entered = await agency.enter(await newcomer(agency.zimmer), null, look)
      for (const path of ['/dashboard', '/automations', '/usage', '/marketplace/2'])
        await at(entered.page, path)
    })

    test('on empty lists', async () => {
      await using customer = await enterEmpty(look, 'customer')
      await at(customer.page, '/marketplace')
      await using manager = await enterEmpty(look, 'manager')
      for (const list of LISTS) await at(manager.page, `/admin/${list}`)
      await at(manager.page, '/admin/users/someone')
    })

    test('in the palette and on the sheet of shortcuts', async () => {
      await using entered = await agency.enter('manager', null, look)
      const { page } = entered
      await page.goto('/admin')
      await settled(page)
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox').waitFor()
      await nothing(page, 'palette')
      await page.getByRole('combobox').fill('summarizer')
      await page.getByRole('option', { name: 'Summarizer' }).waitFor()
      await nothing(page, 'found in the palette')
      await page.keyboard.press('Escape')
      await page.getByRole('combobox').waitFor({ state: 'detached' })
      await page.keyboard.press('Shift+Slash')
      await page.getByRole('dialog').waitFor()
      await nothing(page, 'sheet')
    })

    test('on each step of the wizard', async () => {
      await using entered = await agency.enter('manager', null, look)
      const { page } = entered
      const next = page.locator('main form button[type=submit]')
      await at(page, '/admin/automations/new')
      await next.click()
      await nothing(page, 'described wrongly')
      await page.locator('input[name=name]').fill('Poem Writer')
      await page.locator('textarea[name=description]').fill('Writes a poem.')
      for (const [step, field] of [
        ['price', 'price_per_token'],
        ['connect', 'health_check_url'],
      ] as const) {
        await next.click()
        await page.waitForURL(new RegExp(`step=${step}`))
        await page.locator(`input[name=${field}]`).waitFor()
        await nothing(page, step)
        if (step === 'price') await page.locator('input[name=price_per_token]').fill('0.29')
      }
      for (const step of ['test', 'token']) await at(page, `/admin/automations/new?step=${step}&id=1`)
    })

    test('on the Performance page with something to show', async () => {
      await using entered = await agency.enter('manager', null, look)
      await at(entered.page, '/admin/performance')
    })
  })
})
