/**
 * npm run screenshots: docs/screenshots/*.png of the main pages, over the made-up agency. What they show is made of
 * fixed chance, so that a new one differs where a page does.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { busiestCustomer, demoAgency, someone } from '../web/test/agency.ts'
import { CHROMIUM, enterAs, type Look, openBrowser, person, settled } from '../web/test/browser.ts'
import { busy } from '../web/test/busy.ts'

const folder = join(import.meta.dir, '../docs/screenshots')
const WIDE = 1440
const PHONE = 390

interface Shot {
  name: string
  path: string
  role?: 'customer' | 'manager'
  look?: Partial<Look>
}

const SHOTS: Shot[] = [
  // First, before they have signed in for the others.
  { name: 'staff-user', path: '/admin/users/USER', role: 'manager' },
  { name: 'sign-in', path: '/login' },
  { name: 'marketplace', path: '/marketplace' },
  { name: 'dashboard', path: '/dashboard', role: 'customer' },
  {
    name: 'dashboard-dark-persian',
    path: '/dashboard',
    role: 'customer',
    look: { theme: 'dark', language: 'fa' },
  },
  { name: 'automation', path: '/marketplace/1', role: 'customer' },
  {
    name: 'usage-phone-persian',
    path: '/usage',
    role: 'customer',
    look: { language: 'fa', width: PHONE },
  },
  { name: 'settings-phone-dark', path: '/settings', role: 'customer', look: { theme: 'dark', width: PHONE } },
  { name: 'staff-dashboard', path: '/admin', role: 'manager' },
  {
    name: 'staff-users-dark-persian',
    path: '/admin/users',
    role: 'manager',
    look: { theme: 'dark', language: 'fa' },
  },
  { name: 'staff-wizard', path: '/admin/automations/new?step=test&id=1', role: 'manager' },
  { name: 'staff-phone', path: '/admin', role: 'manager', look: { width: PHONE } },
  { name: 'performance', path: '/admin/performance', role: 'manager' },
]

if (!CHROMIUM) {
  console.error('no Chromium here: install one, or name it in CHROMIUM')
  process.exit(1)
}
mkdirSync(folder, { recursive: true })
await using zimmer = await demoAgency()
await busy(zimmer)
const busiest = await busiestCustomer(zimmer)
const browser = await openBrowser()
const wanted = process.argv.slice(2)
for (const { name, path, role, look } of SHOTS) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const context = await person(browser, zimmer.url, { width: WIDE, ...look })
  if (role) await enterAs(context, zimmer.url, await someone(zimmer, role))
  const page = await context.newPage()
  await page.goto(path.replace('USER', String(busiest.id)))
  await settled(page)
  // A chart is drawn when it knows its width.
  await page.waitForTimeout(300)
  await page.screenshot({ path: join(folder, `${name}.png`) })
  const kilobytes = Math.round(Bun.file(join(folder, `${name}.png`)).size / 1_000)
  console.log(`docs/screenshots/${name}.png: ${kilobytes} KB`)
  await context.close()
}
await browser.close()
