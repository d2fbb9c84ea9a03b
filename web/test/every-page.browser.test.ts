import { describe, expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { agencyInBrowser } from './agency-in-browser.ts'
import { findings } from './axe.ts'
import { CHROMIUM, settled } from './browser.ts'
import { PAGES } from './pages.ts'

const WIDTH = '[document.documentElement.scrollWidth, document.documentElement.clientWidth]'
/** By the button in the corner, where there is one: what is on the page changes without a reload. */
async function otherLanguage(page: Page) {
  const before = (await page.evaluate('document.documentElement.lang')) as string
  const other = before === 'fa' ? 'en' : 'fa'
  if ((await page.locator('button[lang]').count()) > 0) {
    await page.locator('button[lang]').first().click()
    await page.locator(`html[lang=${other}]`).waitFor({ state: 'attached' })
  } else {
    await page.evaluate(`localStorage.setItem('zimmer.language', '${other}')`)
    await page.reload()
  }
}

describe.skipIf(!CHROMIUM)('every page', () => {
  const agency = agencyInBrowser()

  describe.each([{ width: 1440 }, { width: 390 }])('$width px wide', ({ width }) => {
    test.each(Object.keys(PAGES) as (keyof typeof PAGES)[])(
      'of %s: axe finds nothing in either theme and language, nothing is wider than the window',
      async (role) => {
        await using entered = await agency.enter(role, null, { width })
        const { page } = entered
        for (const path of PAGES[role]) {
          await page.goto(path)
          for (let turn = 0; turn < 2; turn++) {
            await settled(page)
            const language = (await page.evaluate('document.documentElement.lang')) as string
            expect(await page.evaluate('document.documentElement.dir')).toBe(
              language === 'fa' ? 'rtl' : 'ltr',
            )
            for (const colorScheme of ['light', 'dark'] as const) {
              await page.emulateMedia({ colorScheme })
              await page.locator(`html[data-theme=${colorScheme}]`).waitFor({ state: 'attached' })
              const at = { path, language, colorScheme }
              expect({ ...at, found: await findings(page, colorScheme === 'light') }).toEqual({
                ...at,
                found: [],
              })
            }
            const [content, view] = (await page.evaluate(WIDTH)) as [number, number]
            expect({ path, language, tooWide: Math.max(0, content - view) }).toEqual({
              path,
              language,
              tooWide: 0,
            })
            await otherLanguage(page)
          }
        }
      },
      480_000,
    )
  })

  test('is walked through by keyboard: each stop is seen, named, and comes once', async () => {
    for (const role of Object.keys(PAGES) as (keyof typeof PAGES)[]) {
      await using entered = await agency.enter(role)
      const { page } = entered
      for (const path of PAGES[role]) {
        await page.goto(path)
        await settled(page)
        // What is loaded beside the page, too: on a busy machine it comes while the walk is under way.
        await page.waitForLoadState('networkidle')
        expect({ path, stops: await walk(page) }).toEqual({ path, stops: [] })
      }
    }
  }, 480_000)

  test('moves nothing while it loads', async () => {
    for (const role of ['nobody', 'customer', 'manager'] as const) {
      await using entered = await agency.enter(role)
      for (const path of PAGES[role]) {
        const page = await entered.context.newPage()
        await page.addInitScript(SHIFTS)
        await page.goto(path)
        await settled(page)
        expect({ path, shifts: await page.evaluate('window.shifts') }).toEqual({ path, shifts: [] })
        await page.close()
      }
    }
  })
})

const SHIFTS = `
window.shifts = []
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    for (const { node, previousRect: a, currentRect: b } of entry.sources) {
      window.shifts.push([(node?.outerHTML ?? node?.textContent ?? '?').slice(0, 160), a.y, b.y, a.height, b.height].join(' | '))
    }
  }
}).observe({ type: 'layout-shift', buffered: true })`

/** What is wrong with where Tab stops, until it has come to everything that can be focused. */
async function walk(page: Page): Promise<string[]> {
  const wrong: string[] = []
  const count = (await page.evaluate(`(() => {
    window.stops = new Set()
    return [...document.querySelectorAll('a[href],button,input,select,textarea,[tabindex="0"]')]
      .filter((element) => !element.matches(':disabled') && element.checkVisibility({ visibilityProperty: true })
        && !element.closest('[inert]')).length
  })()`)) as number
  await page.evaluate('document.activeElement?.blur()')
  // A field for a date has several stops of its own.
  for (let step = 0; step < count + 12; step++) {
    if ((await page.evaluate('window.stops.size')) === count) break
    await page.keyboard.press('Tab')
    const problem = (await page.evaluate(`(() => {
      const element = document.activeElement
      if (!element || element === document.body) return 'the focus got lost'
      if (window.stops.has(element)) return null
      window.stops.add(element)
      const { width, height } = element.getBoundingClientRect()
      const name = element.getAttribute('aria-label') || element.textContent || element.labels?.[0]?.textContent
        || element.title || ''
      const { outlineStyle } = getComputedStyle(element)
      const what = element.outerHTML.slice(0, 120)
      if (width === 0 || height === 0) return 'not to be seen: ' + what
      if (!name.trim()) return 'without a name: ' + what
      if (outlineStyle === 'none' && !element.matches('main')) return 'without a ring: ' + what
      return null
    })()`)) as string | null
    if (problem) wrong.push(problem)
  }
  const reached = (await page.evaluate('window.stops.size')) as number
  if (reached < count) wrong.push(`${reached} of ${count} reached`)
  return wrong
}
