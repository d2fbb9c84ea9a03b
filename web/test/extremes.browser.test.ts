import { describe, expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import type { Role } from '../../src/storage/tables.ts'
import { someone } from './agency.ts'
import { agencyInBrowser } from './agency-in-browser.ts'
import { CHROMIUM, type Look, settled } from './browser.ts'

const NAME = `<img src=x onerror=alert(1)> ${'ن'.repeat(60)}`
const LONG = 'سلام <script>alert(1)</script> and <b>no</b> '.repeat(120).slice(0, 5_000)
const TOO_WIDE = 'Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)'

/** Figures that need more than a line, and numbers of a chart that stand in its bars or outside of it. */
const MISPLACED = `[
  ...[...document.querySelectorAll('main span')].filter((span) => span.style.fontSize.includes('cqi')).filter((span) => {
    const [{ width, height }, box] = [span.getBoundingClientRect(), span.parentElement.getBoundingClientRect()]
    return width > box.width + 1 || height > 40
  }).map((span) => span.textContent),
  ...[...document.querySelectorAll('main svg[role=img]')].flatMap((svg) => {
    const [box, line] = [svg.getBoundingClientRect(), svg.querySelector('line').getBoundingClientRect()]
    const rtl = document.documentElement.dir === 'rtl'
    return [...svg.querySelectorAll('line + text')].filter((text) => {
      const { left, right } = text.getBoundingClientRect()
      return left < box.left - 1 || right > box.right + 1 || (rtl ? left < line.right : right > line.left)
    }).map((text) => text.textContent)
  }),
]`

describe.skipIf(!CHROMIUM)('extremes', () => {
  const agency = agencyInBrowser()

  async function open(user: { id: number; role: Role }, look: Partial<Look>) {
    const entered = await agency.enter(user, null, look)
    entered.page.on('dialog', () => expect.unreachable('a script has run'))
    return entered
  }
  const at = async (page: Page, path: string) => {
    await page.goto(path)
    await settled(page)
  }

  test('nothing and ten million stand whole on the dashboard of a phone', async () => {
    const poor = (await agency.zimmer.user('customer')).userId
    const rich = await agency.zimmer.customer({ paidTokens: 20_000_000 })
    for (let turn = 0; turn < 10; turn++) await agency.zimmer.consume(rich, 1_000_000)
    for (const language of ['en', 'fa'] as const) {
      for (const [id, figure] of [
        [poor, 0],
        [rich.userId, 10_000_000],
      ] as const) {
        await using entered = await open({ id, role: 'customer' }, { language, width: 390 })
        const { page } = entered
        await at(page, '/dashboard')
        const shown = figure.toLocaleString(language === 'fa' ? 'fa-IR' : 'en-GB')
        await page.getByText(shown, { exact: true }).first().waitFor()
        // Charts are drawn when their width is known, which is after the page stands.
        if (figure > 0) await page.locator('main svg[role=img]').first().waitFor()
        expect({ language, figure, wrong: await page.evaluate(MISPLACED) }).toEqual({
          language,
          figure,
          wrong: [],
        })
        expect(await page.evaluate(TOO_WIDE)).toBe(0)
      }
    }
  })

  test('hostile, long and bidirectional texts are only texts on the pages of staff', async () => {
    const { userId } = await someone(agency.zimmer)
    const manager = await agency.zimmer.user('manager')
    await manager.client.put(`/api/admin/users/${userId}`, { name: NAME })
    await manager.client.put('/api/admin/automations/1', { description: LONG })
    await agency.zimmer.app.write(async (tx) => {
      await tx.updateTable('automations').set({ name: NAME }).where('id', '=', 1).execute()
      await tx.updateTable('users').set({ name: NAME }).where('id', '=', manager.userId).execute()
      tx.touch('automations', 'users', `user:${userId}`, `user:${manager.userId}`)
    })
    const paths = [
      '/admin',
      '/admin/users',
      `/admin/users/${userId}`,
      '/admin/automations',
      '/admin/automations/1',
    ]
    const trails = ['/admin/subscriptions', '/admin/adjustments', '/admin/audit']
    for (const language of ['en', 'fa'] as const) {
      for (const width of [1440, 390]) {
        await using entered = await open({ id: manager.userId, role: 'manager' }, { language, width })
        const { page } = entered
        for (const path of [...paths, ...trails]) {
          await at(page, path)
          const found = { path, language, width, tooWide: await page.evaluate(TOO_WIDE) }
          expect(found).toEqual({ path, language, width, tooWide: 0 })
          expect(await page.locator('img[src=x]').count()).toBe(0)
        }
        const show = language === 'fa' ? 'نمایش' : 'Show'
        await page.getByRole('row').getByText(show, { exact: true }).first().click()
        await page.getByRole('dialog').getByRole('table').waitFor()
        expect(await page.evaluate(TOO_WIDE)).toBe(0)
        expect(await page.locator('img[src=x], main script').count()).toBe(0)
      }
    }
  })
})
