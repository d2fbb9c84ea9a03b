/**
 * npm run screenshots: docs/screenshots/*.png of the main pages, over the made-up agency. What they show is made of
 * fixed chance, so that a new one differs where a page does.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { demoAgency, someone } from '../web/test/agency.ts'
import { CHROMIUM, enterAs, type Look, openBrowser, person, settled } from '../web/test/browser.ts'

const folder = join(import.meta.dir, '../docs/screenshots')
const WIDE = 1280
const PHONE = 390

const SHOTS: { name: string; path: string; role?: 'customer' | 'manager'; look: Look }[] = [
  { name: 'sign-in', path: '/login', look: { theme: 'light', language: 'en', width: WIDE } },
  { name: 'marketplace', path: '/marketplace', look: { theme: 'light', language: 'en', width: WIDE } },
  {
    name: 'dashboard',
    path: '/dashboard',
    role: 'customer',
    look: { theme: 'light', language: 'en', width: WIDE },
  },
  {
    name: 'dashboard-dark-persian',
    path: '/dashboard',
    role: 'customer',
    look: { theme: 'dark', language: 'fa', width: WIDE },
  },
  {
    name: 'automation',
    path: '/marketplace/1',
    role: 'customer',
    look: { theme: 'light', language: 'en', width: WIDE },
  },
  {
    name: 'usage-phone-persian',
    path: '/usage',
    role: 'customer',
    look: { theme: 'light', language: 'fa', width: PHONE },
  },
  {
    name: 'settings-phone-dark',
    path: '/settings',
    role: 'customer',
    look: { theme: 'dark', language: 'en', width: PHONE },
  },
  {
    name: 'staff-dashboard',
    path: '/admin',
    role: 'manager',
    look: { theme: 'light', language: 'en', width: WIDE },
  },
  {
    name: 'staff-users-dark-persian',
    path: '/admin/users',
    role: 'manager',
    look: { theme: 'dark', language: 'fa', width: WIDE },
  },
]

if (!CHROMIUM) {
  console.error('no Chromium here: install one, or name it in CHROMIUM')
  process.exit(1)
}
mkdirSync(folder, { recursive: true })
await using zimmer = await demoAgency()
const browser = await openBrowser()
for (const { name, path, role, look } of SHOTS) {
  const context = await person(browser, zimmer.url, look)
  if (role) await enterAs(context, zimmer.url, await someone(zimmer, role))
  const page = await context.newPage()
  await page.goto(path)
  await settled(page)
  await page.screenshot({ path: join(folder, `${name}.png`) })
  const kilobytes = Math.round(Bun.file(join(folder, `${name}.png`)).size / 1_000)
  console.log(`docs/screenshots/${name}.png: ${kilobytes} KB`)
  await context.close()
}
await browser.close()
