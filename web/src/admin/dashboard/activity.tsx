import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { read } from '../../api/query.ts'
import type { Api } from '../../api/schema.ts'
import { Card } from '../../ui/card.tsx'
import { Icon, type IconName } from '../../ui/icons.tsx'
import { Empty, Loaded, SkeletonRows } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { useEventText } from '../kit/event-text.ts'
import { To } from '../kit/people.tsx'

type Event = Api['GET /api/admin/dashboard/activity']['reply'][number]

export const LATEST = { query: { limit: 14 } }

const ICONS: Record<string, IconName> = {
  sign_up: 'users',
  subscription: 'bot',
  adjustment: 'coins',
  staff_action: 'shield',
}
const PAGES: Record<string, string> = { user: 'users', automation: 'automations' }

function pageOf({ user_id, target_type, target_id }: Event['details']) {
  if (user_id) return `/admin/users/${user_id}`
  const page = PAGES[String(target_type)]
  return page && target_id ? `/admin/${page}/${target_id}` : '/admin/audit'
}

/** What happened last; it comes by itself. */
export function Activity() {
  const { t } = useTranslation('admin')
  const words = useEventText()
  const activity = useQuery({
    ...read('GET /api/admin/dashboard/activity', LATEST),
    refetchInterval: 15_000,
  })
  return (
    <Card title={t('dashboard.activity')} actions={<To to="/admin/audit">{t('dashboard.seeAudit')}</To>}>
      <Loaded query={activity} skeleton={<SkeletonRows rows={12} className="h-9" />}>
        {(events) =>
          events.length === 0 ? (
            <Empty icon="list" title={t('dashboard.activityNone')} text={t('dashboard.activityNoneText')} />
          ) : (
            <ol className="grid gap-4">
              {events.map((event) => (
                <li key={`${event.type} ${event.id}`} className="flex gap-3">
                  <span className="mt-0.5 inline-flex size-8 shrink-0 items-center justify-center rounded-full bg-sunken text-soft">
                    <Icon name={ICONS[event.type] ?? 'info'} size={16} />
                  </span>
                  <span className="grid min-w-0">
                    <span className="line-clamp-2 break-words">
                      <To quiet to={pageOf(event.details)}>
                        {words(event.type, event.details)}
                      </To>
                    </span>
                    <span className="text-sm text-soft">
                      <Time at={event.created_at} />
                    </span>
                  </span>
                </li>
              ))}
            </ol>
          )
        }
      </Loaded>
    </Card>
  )
}
