import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { call } from '../../api/client.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Empty, Failure, SkeletonRows } from '../../ui/states.tsx'
import { Table } from '../../ui/table.tsx'
import { usageColumns } from './columns.tsx'

const PAGE = 50

/** Every use of the time asked for, newest first, a page at a time. */
export const useEvents = (asked: { from?: string; to?: string }) =>
  useInfiniteQuery({
    queryKey: ['GET /api/user/usage/events', asked],
    queryFn: ({ pageParam, signal }) =>
      call('GET /api/user/usage/events', {
        query: { ...asked, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: ({ next_cursor }) => next_cursor,
    placeholderData: keepPreviousData,
  })

export function Events({ events }: { events: ReturnType<typeof useEvents> }) {
  const { t } = useTranslation('panel')
  const common = useTranslation().t
  const rows = events.data?.pages.flatMap(({ usage }) => usage)
  return (
    <Card title={t('usage.events')} flush>
      {rows === undefined ? (
        events.isError ? (
          <Failure error={events.error} onRetry={() => void events.refetch()} />
        ) : (
          <SkeletonRows rows={8} />
        )
      ) : rows.length === 0 ? (
        <Empty icon="chart" title={t('usage.none')} text={t('usage.noneText')} />
      ) : (
        <>
          <Table caption={t('usage.events')} columns={usageColumns(t)} rows={rows} rowKey={({ id }) => id} />
          <div className="flex justify-center p-4">
            {events.hasNextPage ? (
              <Button busy={events.isFetchingNextPage} onClick={() => void events.fetchNextPage()}>
                {common('more')}
              </Button>
            ) : (
              <p className="text-sm text-soft">{t('usage.all')}</p>
            )}
          </div>
        </>
      )}
    </Card>
  )
}
