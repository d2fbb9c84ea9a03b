import { type ErrorComponentProps, Outlet } from '@tanstack/react-router'
import { lazy, Suspense, useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { useSession } from '../api/session.ts'
import { Button, LinkButton } from '../ui/button.tsx'
import { Failure, Skeleton } from '../ui/states.tsx'
import { Toasts } from '../ui/toast.tsx'
import { Brand } from './brand.tsx'
import { useOverlay } from './commands.ts'
import { Connection } from './connection.tsx'
import { Ended } from './ended.tsx'
import { useTitle } from './title.ts'

const Overlays = lazy(() =>
  import('./overlays.tsx').then(({ Overlays: component }) => ({ default: component })),
)

export function Root() {
  const session = useSession()
  const overlay = useOverlay()
  const ended = session.state === 'ended'
  return (
    <>
      <div inert={ended} className={ended ? 'invisible' : ''}>
        {session.state === 'starting' ? <PageSkeleton /> : <Outlet />}
      </div>
      {ended && <Ended session={session} />}
      {overlay && (
        <Suspense>
          <Overlays />
        </Suspense>
      )}
      <Toasts />
      <Connection />
    </>
  )
}

/** While a page's code or the session comes; most often for less than is noticed. */
export function PageSkeleton() {
  const { t } = useTranslation()
  return (
    <div role="status" aria-label={t('loading')} className="mx-auto grid w-full max-w-6xl gap-4 p-8">
      <Skeleton className="h-8 w-56" />
      <Skeleton className="h-4 w-96 max-w-full" />
      <Skeleton className="h-64 w-full" />
    </div>
  )
}

export function NotFound() {
  const { t } = useTranslation()
  useTitle(t('problem.notFound'))
  return (
    <main
      id="content"
      className="mx-auto grid min-h-dvh max-w-lg content-center justify-items-start gap-3 p-6"
    >
      <Brand large />
      <h1 className="mt-4 text-2xl font-semibold">{t('problem.notFound')}</h1>
      <p className="text-soft">{t('problem.notFoundText')}</p>
      <LinkButton to="/" look="primary">
        {t('problem.home')}
      </LinkButton>
    </main>
  )
}

const RELOADED = 'zimmer.reloaded'

/** A page that threw. When its code is gone because a newer version is there, a reload brings that one; but only once. */
export function PageFailure({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation()
  const words = error instanceof Error ? error.message : ''
  const isStale = /import|module/i.test(words) && /fail|fetch|load/i.test(words)
  useEffect(() => {
    if (!isStale || !navigator.onLine || sessionStorage.getItem(RELOADED)) return
    sessionStorage.setItem(RELOADED, '1')
    location.reload()
  }, [isStale])
  return (
    <div className="mx-auto grid max-w-lg gap-3 p-8">
      <h1 className="text-xl font-semibold">{t('problem.crashed')}</h1>
      <Failure error={error} />
      <div className="flex gap-2">
        <Button look="primary" onClick={reset}>
          {t('retry')}
        </Button>
        <LinkButton to="/">{t('problem.home')}</LinkButton>
      </div>
    </div>
  )
}
