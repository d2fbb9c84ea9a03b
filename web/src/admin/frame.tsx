import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { read } from '../api/query.ts'
import { register } from '../shell/commands.ts'
import { Frame, type NavItem, Person } from '../shell/frame.tsx'
import { actionsFor, pageCommands } from '../shell/page-commands.ts'

/** Around the pages of staff: their navigation, and what the palette can do for them. */
export function AdminFrame() {
  const { t } = useTranslation('admin')
  const common = useTranslation().t
  const navigate = useNavigate()
  const me = useQuery(read('GET /api/me'))
  const items: NavItem[] = [
    { to: '/admin', label: t('title'), icon: 'home', exact: true },
    { to: '/admin/performance', label: t('nav.performance'), icon: 'gauge' },
  ]
  useEffect(() => {
    const go = (to: string) => void navigate({ to })
    register([...pageCommands(items, go), ...actionsFor(common)])
  })
  const person = <Person name={me.data?.name} detail={me.data && common(`role.${me.data.role}`)} />
  return <Frame dense label={common('nav.staff')} items={items} person={person} />
}
