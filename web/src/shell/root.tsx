import { type ErrorComponentProps, Outlet } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { isOver, useSession } from '../api/session.ts'
import { Button, LinkButton } from '../ui/button.tsx'
import { later, pageStands } from '../ui/later.tsx'
import { Failure, Skeleton } from '../ui/states.tsx'
import { Toasts } from '../ui/toast.tsx'
import { Brand } from './brand.tsx'
import { showOverlay, useOverlay } from './commands.ts'
import { Connection } from './connection.tsx'
import { Ended } from './ended.tsx'
import { useTitle } from './title.ts'

const Overlays = later(() => import('./overlays.tsx').then((module) => module.Overlays))
const closeOverlay = () => showOverlay(null)

export function Root() {
  const session = useSession()
  const overlay = useOverlay()
  const isStarting = session.state === 'starting'
  useEffect(() => {
    if (!isStarting) pageStands()
  }, [isStarting])
  const notices = (
    <>
      <Toasts />
      <Connection />
    </>
  )
  return (
    <>
      {isStarting ? <PageSkeleton /> : <Outlet />}
      {overlay && <Overlays onClose={closeOverlay} />}
      {isOver(session) ? <Ended session={session}>{notices}</Ended> : notices}
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
/** One that has helped is long over by then; one that has not is not repeated for ever. */
const RELOAD_AGAIN_MS = 60_000

/** A page that threw. When its code is gone because a newer version is there, a reload brings that one. */
export function PageFailure({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation()
  const words = error instanceof Error ? error.message : ''
  const isStale = /import|module/i.test(words) && /fail|fetch|load/i.test(words)
  useEffect(() => {
    const last = Number(sessionStorage.getItem(RELOADED))
    if (!isStale || !navigator.onLine || Date.now() - last < RELOAD_AGAIN_MS) return
    sessionStorage.setItem(RELOADED, String(Date.now()))
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
