import { afterAll, beforeAll, expect } from 'bun:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { Role } from '../../src/storage/tables.ts'
import type { TestZimmer } from '../../test/zimmer.ts'
import { demoAgency, signedIn, someone } from './agency.ts'
import { enterAs, type Look, openBrowser, person, settled, watchErrors } from './browser.ts'

/** Nobody, the first of that role (the busiest of the customers), or that user. */
export type Who = 'nobody' | Role | { id: number; role: Role }

interface Entering extends Partial<Look> {
  /** Runs in each page before its own code. */
  script?: string
  /** The test makes requests fail: what the browser prints about them is no error. */
  hasFailures?: boolean
}

export interface Entered {
  context: BrowserContext
  page: Page
  /** 0 for nobody. */
  userId: number
  [Symbol.asyncDispose](): Promise<void>
}

/** The demo agency and a browser for the tests of a `describe`, which calls this before it has any. */
export function agencyInBrowser(prepare: (zimmer: TestZimmer) => Promise<unknown> = async () => {}) {
  let zimmer: TestZimmer
  let browser: Browser
  beforeAll(async () => {
    ;[zimmer, browser] = await Promise.all([demoAgency(), openBrowser()])
    await prepare(zimmer)
  })
  afterAll(async () => {
    await browser?.close()
    await zimmer?.[Symbol.asyncDispose]()
  })
  return {
    get zimmer() {
      return zimmer
    },
    get browser() {
      return browser
    },
    /** See `enter`. */
    enter: (who: Who, path: string | null = null, how: Entering = {}) =>
      enter(browser, zimmer, { who, path, ...how }),
  }
}

/**
 * A browser of somebody's own, signed in, with a page that stands at the path or has not gone anywhere yet. When it is
 * left, the page must have printed no error.
 */
export async function enter(
  browser: Browser,
  zimmer: TestZimmer,
  { who, path, script, hasFailures = false, ...look }: Entering & { who: Who; path: string | null },
): Promise<Entered> {
  const context = await person(browser, zimmer.url, look)
  const user = await (who === 'nobody'
    ? null
    : typeof who === 'string'
      ? someone(zimmer, who)
      : signedIn(zimmer, who))
  if (user) await enterAs(context, zimmer.url, user)
  if (script) await context.addInitScript(script)
  const page = await context.newPage()
  const errors = watchErrors(page)
  if (path !== null) {
    await page.goto(path)
    await settled(page)
  }
  return {
    context,
    page,
    userId: user?.userId ?? 0,
    [Symbol.asyncDispose]: async () => {
      await context.close()
      expect(errors.filter((error) => !(hasFailures && error.includes('Failed to load resource')))).toEqual(
        [],
      )
    },
  }
}
