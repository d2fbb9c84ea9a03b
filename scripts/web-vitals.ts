/**
 * npm run web:vitals: how soon a page stands and answers, in the browser of this machine with its processor slowed down
 * four times, from a server beside it; a cold cache each time. Medians of `ROUNDS`. Quiet machines only.
 */
import type { BrowserContext, Page } from 'playwright-core'
import { demoAgency, someone } from '../web/test/agency.ts'
import { CHROMIUM, enterAs, openBrowser, person, settled } from '../web/test/browser.ts'

const ROUNDS = 5
const SLOWER = 4

const WATCH = `
window.vitals = { lcp: 0, cls: 0, inp: 0 }
new PerformanceObserver((list) => { window.vitals.lcp = list.getEntries().at(-1).startTime })
  .observe({ type: 'largest-contentful-paint', buffered: true })
new PerformanceObserver((list) => { for (const e of list.getEntries()) if (!e.hadRecentInput) window.vitals.cls += e.value })
  .observe({ type: 'layout-shift', buffered: true })
new PerformanceObserver((list) => { for (const e of list.getEntries()) window.vitals.inp = Math.max(window.vitals.inp, e.duration) })
  .observe({ type: 'event', durationThreshold: 16, buffered: true })`

interface Vitals {
  lcp: number
  cls: number
  inp: number
}

async function slowPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER })
  await page.addInitScript(WATCH)
  return page
}

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

if (!CHROMIUM) {
  console.error('no Chromium here: install one, or name it in CHROMIUM')
  process.exit(1)
}
await using zimmer = await demoAgency()
const browser = await openBrowser()

/** Opens the page, does something on it, and reads what the browser has measured. */
async function measured(path: string, role: 'customer' | null, act: (page: Page) => Promise<void>) {
  const rounds: Vitals[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const context = await person(browser, zimmer.url)
    if (role) await enterAs(context, zimmer.url, await someone(zimmer, role))
    const page = await slowPage(context)
    await page.goto(path)
    await settled(page)
    await act(page)
    await page.waitForTimeout(300)
    rounds.push((await page.evaluate('window.vitals')) as Vitals)
    await context.close()
  }
  const of = (name: keyof Vitals) => median(rounds.map((round) => round[name]))
  console.log(
    `${path}: largest contentful paint ${Math.round(of('lcp'))} ms (goal 1000), ` +
      `interaction ${Math.round(of('inp'))} ms (goal 100), layout shift ${of('cls').toFixed(3)} (goal 0)`,
  )
}

const toTable = (page: Page) => page.getByRole('button', { name: 'Show as a table' }).first().click()
await measured('/login', null, (page) => page.locator('input[name=email]').pressSequentially('someone'))
await measured('/marketplace', null, (page) => page.locator('[data-search]').pressSequentially('invoice'))
await measured('/dashboard', 'customer', toTable)
await measured('/usage', 'customer', toTable)
await browser.close()
