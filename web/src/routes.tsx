import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  type ParsedLocation,
  redirect,
} from '@tanstack/react-router'
import { adminPages } from './admin/pages.ts'
import { currentSession, onSession, startSession } from './api/session.ts'
import { loadArea } from './i18n/i18n.ts'
import { NotFound, PageFailure, PageSkeleton, Root } from './shell/root.tsx'

/** Every page of the app. What is behind `import()` is downloaded when it is gone to. */
const root = createRootRoute({ component: Root, notFoundComponent: NotFound })

const toLogin = (location: ParsedLocation) => {
  const next = location.pathname === '/' ? {} : { next: location.href }
  return redirect({ to: '/login', search: next as never })
}

/** Whoever is not signed in signs in first, and comes back. */
function signedInOnly({ location }: { location: ParsedLocation }) {
  if (currentSession().state === 'anonymous') throw toLogin(location)
}

/** Nothing of theirs is downloaded before it is known that it is one of them. */
async function staffOnly({ location }: { location: ParsedLocation }) {
  await startSession()
  const session = currentSession()
  if (session.state === 'anonymous') throw toLogin(location)
  if ('role' in session && session.role === 'customer') throw redirect({ to: '/dashboard' })
}

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: ({ location }) => {
    const session = currentSession()
    if (session.state === 'anonymous') throw toLogin(location)
    if ('role' in session) throw redirect({ to: session.role === 'customer' ? '/dashboard' : '/admin' })
  },
})

const door = (path: string, name: 'LoginPage' | 'SignupPage') =>
  createRoute({
    getParentRoute: () => root,
    path,
    component: lazyRouteComponent(() => import('./shell/door.tsx'), name),
  })

const panel = createRoute({
  getParentRoute: () => root,
  id: 'panel',
  loader: () => loadArea('panel'),
  component: lazyRouteComponent(() => import('./panel/panel.tsx'), 'PanelFrame'),
})

type PanelPage = Exclude<keyof typeof import('./panel/panel.tsx'), 'PanelFrame'>

const panelPage = (
  path: string,
  name: PanelPage,
  beforeLoad: (at: { location: ParsedLocation }) => void = signedInOnly,
) =>
  createRoute({
    getParentRoute: () => panel,
    path,
    beforeLoad,
    component: lazyRouteComponent(() => import('./panel/panel.tsx'), name),
  })

const anybody = () => {}

/** Those of staff have the navigation of staff around them. */
function settingsOf(at: { location: ParsedLocation }) {
  signedInOnly(at)
  const session = currentSession()
  if ('role' in session && session.role !== 'customer') throw redirect({ to: '/admin/settings' })
}

const panelPages = [
  panelPage('dashboard', 'DashboardPage'),
  panelPage('marketplace', 'MarketplacePage', anybody),
  panelPage('marketplace/$id', 'AutomationPage', anybody),
  panelPage('automations', 'AutomationsPage'),
  panelPage('usage', 'UsagePage'),
  panelPage('settings', 'SettingsPage', settingsOf),
]

const admin = createRoute({
  getParentRoute: () => root,
  path: 'admin',
  beforeLoad: staffOnly,
  loader: () => loadArea('admin'),
  component: lazyRouteComponent(() => import('./admin/frame.tsx'), 'AdminFrame'),
})

const staffPages = adminPages.map(({ path, area, page }) =>
  createRoute({
    getParentRoute: () => admin,
    path,
    loader: () => (area ? loadArea(area) : undefined),
    component: lazyRouteComponent(page, 'Page'),
  }),
)

const staffSettings = createRoute({
  getParentRoute: () => admin,
  path: 'settings',
  loader: () => loadArea('panel'),
  component: lazyRouteComponent(() => import('./panel/panel.tsx'), 'SettingsPage'),
})

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    door('login', 'LoginPage'),
    door('signup', 'SignupPage'),
    panel.addChildren(panelPages),
    admin.addChildren([...staffPages, staffSettings]),
  ]),
  defaultPendingComponent: PageSkeleton,
  defaultPendingMs: 150,
  defaultPendingMinMs: 0,
  defaultErrorComponent: PageFailure,
  defaultPreload: 'intent',
  scrollRestoration: true,
  // Plain `?name=text`, as useUrlState reads and people write it.
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const given = Object.entries(search).filter(([, value]) => value !== undefined && value !== '')
    const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
    return text && `?${text}`
  },
})

// Signing in or out changes which pages there are.
onSession(() => void router.invalidate())
