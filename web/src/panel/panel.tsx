import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useLayoutEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { read } from '../api/query.ts'
import { useSession } from '../api/session.ts'
import { register } from '../shell/commands.ts'
import { Frame, type NavItem, Person, SignOut } from '../shell/frame.tsx'
import { actionsFor, pageCommands } from '../shell/page-commands.ts'
import { LinkButton } from '../ui/button.tsx'
import { findAutomations } from './find.ts'

export { AutomationPage } from './automation/page.tsx'
export { AutomationsPage } from './automations/page.tsx'
export { DashboardPage } from './dashboard/page.tsx'
export { MarketplacePage } from './marketplace/page.tsx'
export { SettingsPage } from './settings/page.tsx'
export { UsagePage } from './usage/page.tsx'

/** Around the pages of customers; visitors see the marketplace in it, too. */
export function PanelFrame() {
  const { t } = useTranslation('panel')
  const common = useTranslation().t
  const navigate = useNavigate()
  const session = useSession()
  const known = session.state !== 'anonymous'
  const me = useQuery({ ...read('GET /api/me'), enabled: known })
  const market: NavItem = {
    to: '/marketplace',
    label: t('nav.marketplace'),
    short: t('nav.market'),
    icon: 'shop',
  }
  const items: NavItem[] = known
    ? [
        { to: '/dashboard', label: t('nav.dashboard'), icon: 'home' },
        market,
        { to: '/automations', label: t('nav.automations'), short: t('nav.mine'), icon: 'bot' },
        { to: '/usage', label: t('nav.usage'), icon: 'chart' },
        { to: '/settings', label: common('nav.settings'), icon: 'settings' },
      ]
    : [market]
  useLayoutEffect(() => {
    const go = (to: string) => void navigate({ to })
    const actions = actionsFor(common).filter(({ id }) => known || id !== 'sign-out')
    return register([...pageCommands(items, go), ...actions], findAutomations(go))
  })
  const person = known ? (
    <Person name={me.data?.name} detail={me.data?.email} to="/settings" />
  ) : (
    <div className="grid gap-2">
      <LinkButton to="/login" look="primary" size="sm">
        {common('auth.signIn')}
      </LinkButton>
      <LinkButton to="/signup" size="sm">
        {common('auth.signUp')}
      </LinkButton>
    </div>
  )
  const corner = known ? (
    <SignOut />
  ) : (
    <LinkButton to="/login" look="primary" size="sm">
      {common('auth.signIn')}
    </LinkButton>
  )
  return <Frame label={common('nav.panel')} items={items} person={person} corner={corner} />
}
