import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useLayoutEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { read } from '../api/query.ts'
import { type Command, register } from '../shell/commands.ts'
import { Frame, type NavItem, Person } from '../shell/frame.tsx'
import { actionsFor, pageCommands } from '../shell/page-commands.ts'
import { findRecords } from './find.ts'
import { useMay } from './kit/role.ts'

/** Around the pages of staff: their navigation, and what the palette can do for them. */
export function AdminFrame() {
  const { t } = useTranslation('admin')
  const common = useTranslation().t
  const navigate = useNavigate()
  const may = useMay()
  const me = useQuery(read('GET /api/me'))
  const items: NavItem[] = [
    { to: '/admin', label: t('nav.dashboard'), icon: 'home', exact: true },
    { to: '/admin/users', label: t('nav.users'), icon: 'users' },
    { to: '/admin/automations', label: t('nav.automations'), icon: 'bot' },
    { to: '/admin/subscriptions', label: t('nav.subscriptions'), icon: 'list' },
    { to: '/admin/adjustments', label: t('nav.adjustments'), icon: 'coins' },
    { to: '/admin/usage', label: t('nav.usage'), icon: 'chart' },
    { to: '/admin/performance', label: t('nav.performance'), icon: 'gauge' },
    { to: '/admin/audit', label: t('nav.audit'), icon: 'eye' },
    ...(may.manage ? [{ to: '/admin/staff', label: t('nav.staff'), icon: 'shield' } as const] : []),
  ]
  useLayoutEffect(() => {
    const go = (to: string) => void navigate({ to })
    const action = (id: string, label: string, keys: string, run: () => void): Command => ({
      id,
      label,
      icon: 'plus',
      group: 'actions',
      keys,
      run,
    })
    const own: Command[] = [
      {
        id: 'settings',
        label: common('nav.settings'),
        icon: 'settings',
        group: 'pages',
        run: () => go('/admin/settings'),
      },
      ...(may.change
        ? [action('new-automation', t('palette.newAutomation'), 'n a', () => go('/admin/automations/new'))]
        : []),
      ...(may.manage
        ? [
            action('add-staff', t('palette.addStaff'), 'n s', () => {
              void navigate({ to: '/admin/staff', search: { add: 'yes' } as never })
            }),
          ]
        : []),
    ]
    return register([...pageCommands(items, go), ...own, ...actionsFor(common)], findRecords(go))
  })
  const person = (
    <Person name={me.data?.name} detail={me.data && common(`role.${me.data.role}`)} to="/admin/settings" />
  )
  return <Frame dense label={common('nav.staff')} items={items} person={person} />
}
