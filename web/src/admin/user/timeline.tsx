import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Icon, type IconName } from '../../ui/icons.tsx'
import { Failure, SkeletonRows } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { useEventText } from '../kit/event-text.ts'
import { usePages } from '../kit/pages.ts'

const ICONS: Record<string, IconName> = {
  sign_up: 'users',
  subscription: 'bot',
  session: 'laptop',
  adjustment: 'coins',
  staff_action: 'shield',
  usage: 'chart',
}

export const useTimeline = (id: number) =>
  usePages('GET /api/admin/users/{id}/timeline', { path: { id } }, ({ events }) => events, 12)

/** What happened to a user, newest first. */
export function Timeline({ userId }: { userId: number }) {
  const { t } = useTranslation('admin')
  const common = useTranslation().t
  const words = useEventText()
  const { list, rows } = useTimeline(userId)
  return (
    <Card title={t('user.timeline')}>
      {rows === undefined ? (
        list.isError ? (
          <Failure error={list.error} onRetry={() => void list.refetch()} />
        ) : (
          <SkeletonRows rows={6} />
        )
      ) : (
        <ol className="grid gap-4">
          {rows.map(({ type, id, created_at, details }) => (
            <li key={`${type} ${id}`} className="flex gap-3">
              <span className="mt-0.5 inline-flex size-8 shrink-0 items-center justify-center rounded-full bg-sunken text-soft">
                <Icon name={ICONS[type] ?? 'info'} size={16} />
              </span>
              <span className="grid min-w-0">
                <span className="line-clamp-3 break-words" dir="auto">
                  {words(type, details)}
                </span>
                <span className="text-sm text-soft">
                  <Time at={created_at} />
                </span>
              </span>
            </li>
          ))}
        </ol>
      )}
      {list.hasNextPage && (
        <div className="mt-4">
          <Button size="sm" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {common('more')}
          </Button>
        </div>
      )}
    </Card>
  )
}
