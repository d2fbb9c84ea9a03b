import { type ReactNode, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/button.tsx'
import { Failure, SkeletonRows } from '../../ui/states.tsx'
import { type Column, type Sort, Table } from '../../ui/table.tsx'
import type { Pages } from './pages.ts'

interface ListingProps<R> {
  pages: Pages<R>
  caption: string
  columns: readonly Column<R>[]
  rowKey: (row: R) => string | number
  sort?: Sort
  onSort?: (sort: Sort) => void
  /** When there is nothing: why, and the next step. */
  empty: ReactNode
  skeletonRows?: number
}

/** A list of any length in a box of its own: it goes on when one comes to its end, or by the button there. */
export function Listing<R>({ pages, empty, skeletonRows = 12, ...table }: ListingProps<R>) {
  const { list, rows } = pages
  if (rows === undefined) {
    if (list.isError) return <Failure error={list.error} onRetry={() => void list.refetch()} />
    return <SkeletonRows rows={skeletonRows} className="h-9" />
  }
  if (rows.length === 0 && !list.hasNextPage) return empty
  return (
    <div className={list.isPlaceholderData ? 'opacity-60' : ''}>
      <Table
        {...table}
        rows={rows}
        scrolls
        goesOn={list.hasNextPage}
        foot={<Foot list={list} count={rows.length} />}
      />
    </div>
  )
}

function Foot({ list, count }: Pick<Pages<unknown>, 'list'> & { count: number }) {
  const { t } = useTranslation('admin')
  const common = useTranslation().t
  const end = useRef<HTMLDivElement>(null)
  const { hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = list
  useEffect(() => {
    const element = end.current
    if (!element || !hasNextPage || isFetching || isFetchNextPageError) return
    // Told together when the page was busy: out of sight, then in sight.
    const watcher = new IntersectionObserver((changes) => {
      if (changes.at(-1)?.isIntersecting) void fetchNextPage()
    })
    watcher.observe(element)
    return () => watcher.disconnect()
  }, [hasNextPage, isFetching, isFetchNextPageError, fetchNextPage])
  return (
    <div ref={end} className="sticky start-0 flex min-h-12 flex-wrap items-center justify-center gap-3 p-2">
      {isFetchNextPageError && <Failure error={list.error} />}
      {hasNextPage ? (
        <Button size="sm" busy={list.isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {common('more')}
        </Button>
      ) : (
        <p className="text-sm text-soft">{t('list.end', { count })}</p>
      )}
    </div>
  )
}
