import { existsSync } from 'node:fs'
import {
  type Browser,
  type BrowserContext,
  chromium,
  type Locator,
  type Page,
  type Route,
} from 'playwright-core'

/** What scripts/test.ts found, or the usual place; undefined where there is no browser, and its tests are skipped. */
export const CHROMIUM = [process.env.ZIMMER_TEST_CHROMIUM, process.env.CHROMIUM, '/usr/bin/chromium'].find(
  (path) => path && existsSync(path),
)

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM as string, args: FLAGS })

export interface Look {
  theme: 'light' | 'dark'
  language: 'en' | 'fa'
  width: number
}

/** A browser of somebody's own: no cookies, the look that is asked for, animations off. */
export async function person(
  browser: Browser,
  url: string,
  look: Partial<Look> = {},
): Promise<BrowserContext> {
  const { theme = 'light', language = 'en', width = 1440 } = look
  const context = await browser.newContext({
    baseURL: url,
    colorScheme: theme,
    locale: language === 'fa' ? 'fa-IR' : 'en-GB',
    timezoneId: 'UTC',
    reducedMotion: 'reduce',
    viewport: { width, height: width < 600 ? 844 : 900 },
    hasTouch: width < 600,
  })
  // Of what is waited for; a slow machine may need more than the usual half a minute.
  context.setDefaultTimeout(90_000)
  return context
}

/** Gives a browser somebody's session, as their sign-in would have done. */
export async function enterAs(
  context: BrowserContext,
  url: string,
  { role, refreshToken }: { role: string; refreshToken: string },
) {
  await context.addCookies([
    {
      name: 'refresh_token',
      value: refreshToken,
      domain: new URL(url).hostname,
      path: '/api/auth',
      httpOnly: true,
    },
  ])
  await context.addInitScript(
    `localStorage.setItem('zimmer.role', localStorage.getItem('zimmer.role') ?? '${role}')`,
  )
}

/** Waits until the page stands: it has its heading, and nothing on it is being waited for. */
export async function settled(page: Page) {
  await page.locator('h1').first().waitFor({ state: 'attached' })
  await page.locator('.skeleton').first().waitFor({ state: 'detached' })
  await page.evaluate('document.fonts.ready.then(() => {})')
}

/** Waits until a window has taken the focus, and the keys with it: it is seen a moment before. */
export const focused = (window: Locator) => window.and(window.page().locator(':focus-within')).waitFor()

/** Whether it is on top and can have the focus: what is below a modal dialog can't. */
export const canUse = (field: Locator): Promise<boolean> =>
  field.evaluate((element) => {
    element.focus()
    const { x, y, width, height } = element.getBoundingClientRect()
    const page = element.ownerDocument
    return page.activeElement === element && page.elementFromPoint(x + width / 2, y + height / 2) === element
  })

/**
 * Leaves the page's requests of that kind without an answer: what it shows at once, it shows before it has sent them.
 *
 * @returns `sent`: the first of them, once it has been sent, for the test to answer.
 */
export async function hold(page: Page, url: string, method: string): Promise<{ sent: Promise<Route> }> {
  const { promise: sent, resolve } = Promise.withResolvers<Route>()
  await page.route(url, (route) => (route.request().method() === method ? resolve(route) : route.continue()))
  return { sent }
}

/**
 * Chooses what lives in the address, and waits until the page shows it from there: the address is ahead of the page.
 */
export async function choose(select: Locator, value: string) {
  await select.selectOption(value)
  await select.locator(`option[value="${value}"]:checked`).waitFor({ state: 'attached' })
}

/** Fails with whatever the page printed as an error, the policy's refusals among it. */
export function watchErrors(page: Page): string[] {
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of (401|403|404|409|422|503)/.test(message.text())) {
      errors.push(message.text())
    }
  })
  return errors
}

/** Signs in on the sign-in page, and waits for the first page behind it. */
export async function signIn(page: Page, email: string, password: string) {
  await page.goto('/login')
  await page.locator('input[name=email]').fill(email)
  await page.locator('input[name=password]').fill(password)
  await page.locator('form button[type=submit]').click()
  await page.waitForURL(/\/(dashboard|admin)/)
}
