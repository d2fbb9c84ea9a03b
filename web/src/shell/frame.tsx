import { Link, Outlet, useLocation } from '@tanstack/react-router'
import { type ReactNode, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSession } from '../api/session.ts'
import { IconButton } from '../ui/button.tsx'
import { Icon, type IconName } from '../ui/icons.tsx'
import { Brand } from './brand.tsx'
import { showOverlay } from './commands.ts'
import { leave } from './leave.ts'
import { ThemeAndLanguage } from './preferences.tsx'

const PALETTE_KEYS = /Mac|iPhone|iPad/.test(navigator.platform) ? '⌘ K' : 'Ctrl K'

export interface NavItem {
  to: string
  label: string
  /** For the narrow bar of a phone. */
  short?: string
  icon: IconName
  /** Only when the address is exactly this. */
  exact?: boolean
}

interface FrameProps {
  label: string
  items: readonly NavItem[]
  /** Who is signed in, or how to sign in. */
  person: ReactNode
  /** The same in the top bar of a phone, where `person` has no place. */
  corner?: ReactNode
  /** Staff work with more on a page, and have more pages than fit at the bottom of a phone. */
  dense?: boolean
}

/** What is around every page: where one can go, what one can do anywhere, and the page itself. */
export function Frame({ label, items, person, corner, dense = false }: FrameProps) {
  const { t } = useTranslation()
  const [drawer, setDrawer] = useState(false)
  const { pathname } = useLocation()
  useEffect(() => {
    if (pathname) setDrawer(false)
  }, [pathname])
  useFocusOnPage(pathname)
  return (
    <div className="md:grid md:min-h-dvh md:grid-cols-[15rem_minmax(0,1fr)]">
      <a
        href="#content"
        className="sr-only z-50 rounded-md bg-accent p-3 text-on-accent focus:not-sr-only focus:fixed focus:start-2 focus:top-2"
      >
        {t('skip')}
      </a>
      <Side label={label} items={items} person={person} />
      <div className="min-w-0">
        <TopBar dense={dense} onMenu={() => setDrawer(!drawer)} drawer={drawer} corner={corner} />
        {dense && drawer && (
          <nav aria-label={label} className="border-b border-line bg-surface p-3 md:hidden">
            <NavList items={items} />
            <div className="mt-3 border-t border-line pt-3">{person}</div>
          </nav>
        )}
        <main
          id="content"
          tabIndex={-1}
          className={`mx-auto w-full px-4 pt-6 pb-28 outline-none sm:px-8 md:pb-12 ${dense ? 'max-w-[100rem]' : 'max-w-6xl'}`}
        >
          <Outlet />
        </main>
      </div>
      {!dense && <BottomBar label={label} items={items} />}
    </div>
  )
}

/** A new page is read from its beginning. */
function useFocusOnPage(pathname: string) {
  const [first] = useState(pathname)
  useEffect(() => {
    if (pathname !== first) document.getElementById('content')?.focus({ preventScroll: true })
  }, [pathname, first])
}

function Side({ label, items, person }: Pick<FrameProps, 'label' | 'items' | 'person'>) {
  return (
    <nav
      aria-label={label}
      className="sticky top-0 hidden h-dvh flex-col border-e border-line bg-surface md:flex"
    >
      <Link to="/" className="m-3 rounded-md p-2">
        <Brand />
      </Link>
      <div className="min-h-0 flex-1 overflow-y-auto px-3 py-1">
        <NavList items={items} />
      </div>
      <div className="border-t border-line p-3">{person}</div>
    </nav>
  )
}

const NavList = ({ items }: { items: readonly NavItem[] }) => (
  <ul className="grid gap-0.5">
    {items.map(({ to, label, icon, exact = false }) => (
      <li key={to}>
        <Link
          to={to}
          activeOptions={{ exact, includeSearch: false }}
          className="flex min-h-10 items-center gap-3 rounded-md px-3 text-soft hover:bg-sunken hover:text-ink aria-[current=page]:bg-accent-soft aria-[current=page]:font-medium aria-[current=page]:text-accent-ink"
        >
          <Icon name={icon} size={20} />
          {label}
        </Link>
      </li>
    ))}
  </ul>
)

interface TopBarProps {
  dense: boolean
  drawer: boolean
  onMenu: () => void
  corner: ReactNode
}

function TopBar({ dense, drawer, onMenu, corner }: TopBarProps) {
  const { t } = useTranslation()
  return (
    <header className="sticky top-0 z-30 flex h-14 items-center gap-2 border-b border-line bg-ground px-4 sm:px-8">
      {dense && (
        <IconButton
          icon={drawer ? 'close' : 'menu'}
          label={t('menu')}
          aria-expanded={drawer}
          onClick={onMenu}
          className="md:hidden"
        />
      )}
      <Link to="/" className="flex rounded-md md:hidden">
        <Brand />
      </Link>
      <button
        type="button"
        onClick={() => showOverlay('palette')}
        className="ms-auto inline-flex h-9 items-center gap-2 rounded-md px-2 text-soft hover:bg-line/60 md:ms-0 md:w-72 md:border md:border-line-strong md:bg-surface md:px-3"
      >
        <Icon name="search" />
        <span className="flex-1 text-start text-sm max-md:sr-only">{t('palette.open')}</span>
        <span
          aria-hidden="true"
          dir="ltr"
          className="hidden rounded border border-line px-1.5 text-xs md:inline"
        >
          {PALETTE_KEYS}
        </span>
      </button>
      <div className="md:ms-auto">
        <ThemeAndLanguage />
      </div>
      {corner && <div className="md:hidden">{corner}</div>}
    </header>
  )
}

const BottomBar = ({ label, items }: { label: string; items: readonly NavItem[] }) => (
  <nav
    aria-label={label}
    className="fixed inset-x-0 bottom-0 z-30 border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] md:hidden"
  >
    <ul className="flex">
      {items.map(({ to, label: name, short = name, icon, exact = false }) => (
        <li key={to} className="min-w-0 flex-1">
          <Link
            to={to}
            activeOptions={{ exact, includeSearch: false }}
            className="grid min-h-16 place-content-center justify-items-center gap-0.5 px-1 text-soft -outline-offset-2 aria-[current=page]:text-accent-ink"
          >
            <Icon name={icon} size={22} />
            <span className="max-w-full truncate text-xs">{short}</span>
          </Link>
        </li>
      ))}
    </ul>
  </nav>
)

/** What does not fit is cut at the end of the text, in whichever direction it runs. */
const PERSON_LINE = 'block h-5 truncate text-left leading-5 rtl:text-right'

interface PersonProps {
  name: string | undefined
  detail: string | undefined
  /** Their settings. */
  to: string
}

/** The person at the foot of the frame: their settings, and the way out. */
export function Person({ name, detail, to }: PersonProps) {
  const { t } = useTranslation()
  const session = useSession()
  if (session.state === 'anonymous') return null
  return (
    <div className="flex min-h-11 items-center gap-2">
      <Link to={to} className="flex min-w-0 flex-1 items-center gap-2 rounded-md px-2 py-1 hover:bg-sunken">
        <span className="min-w-0 flex-1">
          <span className="sr-only">{t('nav.settings')}: </span>
          <span dir="auto" className={`${PERSON_LINE} text-sm font-medium`}>
            {name}
          </span>
          <span dir="auto" className={`${PERSON_LINE} text-xs text-soft`}>
            {detail}
          </span>
        </span>
        <Icon name="settings" className="text-soft" />
      </Link>
      <SignOut />
    </div>
  )
}

export function SignOut() {
  const { t } = useTranslation()
  return <IconButton icon="exit" label={t('auth.signOut')} onClick={() => void leave(t)} />
}
