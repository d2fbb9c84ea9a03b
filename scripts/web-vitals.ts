/**
 * npm run web:vitals: how soon a page stands and answers, in the browser of this machine with its processor slowed down
 * four times, from a server beside it; a cold cache each time. Medians of `ROUNDS`. Then a list of 10,000 users, without
 * the slowdown. Exit code 1 when a goal is missed. Quiet machines only.
 */
import type { BrowserContext, Page } from 'playwright-core'
import { createUser } from '../src/accounts/accounts.ts'
import { demoAgency, someone } from '../web/test/agency.ts'
import { CHROMIUM, enterAs, openBrowser, person, settled } from '../web/test/browser.ts'

const ROUNDS = 5
const SLOWER = 4
const GOALS = { lcp: 1_000, inp: 100, cls: 0.001 }
/** Of a list of staff, as long as the goal for interactions says. */
const USERS = 10_000
const READ_ON_MOST_MS = 120_000

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

async function watchedPage(context: BrowserContext, rate: number): Promise<Page> {
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  await session.send('Emulation.setCPUThrottlingRate', { rate })
  await page.addInitScript(WATCH)
  return page
}

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const read = (page: Page) => page.evaluate('window.vitals') as Promise<Vitals>

let missed = 0
const NAMES = { lcp: 'largest contentful paint', inp: 'interaction', cls: 'layout shift' }

/** A line of the medians, each beside its goal. */
function judge(what: string, rounds: Partial<Vitals>[]) {
  const names = Object.keys(rounds[0] ?? {}) as (keyof Vitals)[]
  const words = names.map((name) => {
    const value = median(rounds.map((round) => round[name] ?? Number.NaN))
    const isMet = value <= GOALS[name]
    if (!isMet) missed++
    const shown =
      name === 'cls' ? `${value.toFixed(3)} (goal 0)` : `${Math.round(value)} ms (goal ${GOALS[name]})`
    return `${NAMES[name]} ${shown}${isMet ? '' : ' MISSED'}`
  })
  console.log(`${what}: ${words.join(', ')}`)
}

if (!CHROMIUM) {
  console.error('no Chromium here: install one, or name it in CHROMIUM')
  process.exit(1)
}
await using zimmer = await demoAgency()
const browser = await openBrowser()

/** Opens the page, does something on it, and reads what the browser has measured. */
async function measured(
  path: string,
  role: 'customer' | 'manager' | null,
  act: (page: Page) => Promise<void>,
) {
  const rounds: Vitals[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const context = await person(browser, zimmer.url)
    if (role) await enterAs(context, zimmer.url, await someone(zimmer, role))
    const page = await watchedPage(context, SLOWER)
    await page.goto(path)
    await settled(page)
    await act(page)
    await page.waitForTimeout(300)
    rounds.push(await read(page))
    await context.close()
  }
  judge(path, rounds)
}

const toTable = (page: Page) => page.getByRole('button', { name: 'Show as a table' }).first().click()
await measured('/login', null, (page) => page.locator('input[name=email]').pressSequentially('someone'))
await measured('/marketplace', null, (page) => page.locator('[data-search]').pressSequentially('invoice'))
await measured('/dashboard', 'customer', toTable)
await measured('/usage', 'customer', toTable)
await measured('/admin', 'manager', toTable)
await measuredOnLongList()
await browser.close()
process.exitCode = missed === 0 ? 0 : 1

/** What staff do with a list of all users: each deed on all the rows, the slowest of its interactions. */
async function measuredOnLongList() {
  await zimmer.app.write(async (tx) => {
    for (let index = 0; index < USERS; index++) {
      const account = { email: `user-${index}@example.com`, name: `Someone ${index}`, passwordHash: null }
      await createUser(tx, { ...account, role: 'customer' })
    }
  })
  const context = await person(browser, zimmer.url)
  await enterAs(context, zimmer.url, await someone(zimmer, 'manager'))
  const page = await watchedPage(context, 1)
  const list = page.getByRole('region', { name: 'Users', exact: true })
  await page.goto('/admin/users?role=customer')
  await settled(page)

  /** To its end: that is the way to the list, not what is measured. */
  const readOn = async () => {
    const end = page.getByText(/^That is all/)
    const until = Date.now() + READ_ON_MOST_MS
    while ((await end.count()) === 0) {
      if (Date.now() > until) throw new Error('the list did not come to its end')
      await list.evaluate((box) => box.scrollTo(0, box.scrollHeight))
      await page.waitForTimeout(20)
    }
  }
  const deed = async (what: string, act: () => Promise<void>) => {
    await page.waitForTimeout(500)
    await page.evaluate('window.vitals.inp = 0')
    await act()
    await page.waitForTimeout(1_000)
    judge(`${USERS} users, ${what}`, [{ inp: (await read(page)).inp }])
  }
  await readOn()
  await deed('page through by keys', async () => {
    await list.focus()
    for (const key of ['Home', 'PageDown', 'PageDown', 'End', 'PageUp', 'Home']) {
      await page.keyboard.press(key)
      await page.waitForTimeout(150)
    }
  })
  await deed('choose one', () =>
    page
      .getByLabel(/^Choose Someone/)
      .first()
      .click(),
  )
  await deed('choose all', () => page.getByLabel('Choose all customers shown').click())
  await deed('sort', () => page.getByRole('button', { name: 'Name', exact: true }).click())
  await readOn()
  await deed('search', () => page.locator('[data-search]').pressSequentially('someone 4242', { delay: 60 }))
  await context.close()
}
