import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError } from '../api/client.ts'
import { Button } from './button.tsx'
import { Copy } from './copy.tsx'
import { Icon, type IconName } from './icons.tsx'
import { useProblemText } from './problem.ts'

/** A grey place of the size of what will stand there. */
export const Skeleton = ({ className = 'h-4 w-full' }: { className?: string }) => (
  <span className={`skeleton block ${className}`} aria-hidden="true" />
)

export function SkeletonRows({ rows = 4, className = 'h-10' }: { rows?: number; className?: string }) {
  const { t } = useTranslation()
  return (
    <div className="grid gap-2 p-5" role="status" aria-label={t('loading')}>
      {Array.from({ length: rows }, (_, index) => (
        <Skeleton key={index} className={className} />
      ))}
    </div>
  )
}

interface EmptyProps {
  icon: IconName
  title: string
  text?: ReactNode
  /** The next step. */
  action?: ReactNode
}

export function Empty({ icon, title, text, action }: EmptyProps) {
  return (
    <div className="grid justify-items-center gap-2 px-6 py-10 text-center">
      <span className="mb-1 inline-flex size-12 items-center justify-center rounded-full bg-accent-soft text-accent-ink">
        <Icon name={icon} size={24} />
      </span>
      <p className="font-semibold">{title}</p>
      {text && <p className="max-w-md text-soft">{text}</p>}
      {action && <div className="mt-2">{action}</div>}
    </div>
  )
}

/** What went wrong, what to do, and the id by which the operator finds it in the log. */
export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation()
  const words = useProblemText()
  const requestId = error instanceof ApiError ? error.requestId : null
  return (
    <div role="alert" className="grid justify-items-start gap-2 p-5">
      <p className="flex items-center gap-2 font-semibold">
        <Icon name="alert" className="text-bad" />
        {error instanceof ApiError && error.status === 403 ? t('problem.forbidden') : t('problem.title')}
      </p>
      <p className="max-w-prose text-soft" dir="auto">
        {words(error)}
      </p>
      {requestId && (
        <p className="text-sm text-soft">
          {t('problem.requestId')}: <Copy text={requestId} label={t('problem.requestId')} />
        </p>
      )}
      {onRetry && (
        <Button size="sm" onClick={onRetry}>
          {t('retry')}
        </Button>
      )}
    </div>
  )
}

interface LoadedProps<T> {
  query: UseQueryResult<T>
  /** Of the same size as what comes. */
  skeleton?: ReactNode
  children: (data: T) => ReactNode
}

/** What a query brings: its skeleton, its failure with a retry, or its data (kept while newer data fail to come). */
export function Loaded<T>({ query, skeleton, children }: LoadedProps<T>) {
  if (query.data !== undefined) return children(query.data)
  if (query.isError) return <Failure error={query.error} onRetry={() => void query.refetch()} />
  return skeleton ?? <SkeletonRows />
}

/** Whether each has come, or has failed for good: so that a page stands at once, instead of falling into place. */
export const settled = (...queries: { data: unknown; isError: boolean; isEnabled?: boolean }[]) =>
  queries.every(({ data, isError, isEnabled = true }) => data !== undefined || isError || !isEnabled)
