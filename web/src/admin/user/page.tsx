import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { read } from '../../api/query.ts'
import { useTitle } from '../../shell/title.ts'
import { Badge, PageHead } from '../../ui/card.tsx'
import { Copy } from '../../ui/copy.tsx'
import { Skeleton, SkeletonRows, settled } from '../../ui/states.tsx'
import { isId } from '../kit/ids.ts'
import { NoSuch, One } from '../kit/one.tsx'
import { ActiveBadge } from '../kit/people.tsx'
import { Adjustments } from './adjustments.tsx'
import { Profile } from './profile.tsx'
import { Sessions } from './sessions.tsx'
import { Standing } from './standing.tsx'
import { Subscriptions } from './subscriptions.tsx'
import { Timeline, useTimeline } from './timeline.tsx'
import { Usage, useEvents, useWeek } from './usage.tsx'
import type { User } from './user.ts'

/** One user with everything that is known of them, and what may be done. */
export function Page() {
  const { t } = useTranslation('admin')
  const { id } = useParams({ strict: false }) as { id: string }
  if (!isId(id)) return <NoSuch title={t('users.one')} text={t('codes.no_such_user')} />
  return <OneUser userId={Number(id)} />
}

function OneUser({ userId }: { userId: number }) {
  const { t } = useTranslation('admin')
  const user = useQuery(read('GET /api/admin/users/{id}', { path: { id: userId } }))
  // At once, instead of falling into place.
  const stands = settled(useWeek(userId), useEvents(userId).list, useTimeline(userId).list)
  useTitle(user.data?.name ?? t('users.one'))
  return (
    <One query={user} title={t('users.one')} skeleton={<UserSkeleton />}>
      {(data) =>
        !stands ? (
          <UserSkeleton />
        ) : (
          <>
            <Head user={data} />
            <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_24rem]">
              <div className="grid min-w-0 gap-5">
                <Subscriptions user={data} />
                <Usage user={data} />
                <Adjustments user={data} />
              </div>
              <div className="grid min-w-0 gap-5">
                <Profile key={`${data.name} ${data.phone_number}`} user={data} />
                <Timeline userId={data.id} />
                <Sessions user={data} />
              </div>
            </div>
          </>
        )
      }
    </One>
  )
}

function Head({ user }: { user: User }) {
  const { t } = useTranslation('admin')
  const common = useTranslation().t
  return (
    <PageHead
      title={<span dir="auto">{user.name}</span>}
      text={
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <Copy text={user.email} label={t('users.email')} />
          <span className="inline-flex items-center gap-1">
            {t('users.id')} <Copy text={String(user.id)} label={t('users.id')} />
          </span>
          <ActiveBadge active={user.is_active} />
          <Badge meaning="info">{common(`role.${user.role as 'customer'}`)}</Badge>
          <Badge meaning={user.email_verified ? 'good' : 'plain'}>
            {t(user.email_verified ? 'state.verified' : 'state.unverified')}
          </Badge>
        </span>
      }
      actions={<Standing user={user} />}
    />
  )
}

const UserSkeleton = () => (
  <>
    <Skeleton className="mb-2 h-8 w-64" />
    <Skeleton className="mb-6 h-7 w-96 max-w-full" />
    <div className="grid gap-5 xl:grid-cols-[minmax(0,1fr)_24rem]">
      <div className="rounded-xl border border-line bg-surface">
        <SkeletonRows rows={9} />
      </div>
      <div className="rounded-xl border border-line bg-surface">
        <SkeletonRows rows={9} />
      </div>
    </div>
  </>
)
