import { keepPreviousData, queryOptions, useInfiniteQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { call, type Input } from '../../api/client.ts'
import type { Api } from '../../api/schema.ts'

type Paged = {
  [O in Extract<keyof Api, `GET ${string}`>]: Api[O]['reply'] extends { next_cursor: string | null }
    ? O
    : never
}[Extract<keyof Api, `GET ${string}`>]

type Ask = (operation: string, input: object) => Promise<unknown>

/** The most that the server gives at once. */
const PAGE = 100

/**
 * A list that goes on by its `next_cursor`: `rows` of all pages so far. Whoever asks for filters that few rows match may
 * get a page without any and still a cursor; those are followed until there is a row or an end.
 */
export function usePages<O extends Paged, R>(
  operation: O,
  input: Input<O>,
  rowsOf: (page: Api[O]['reply']) => readonly R[],
  limit = PAGE,
) {
  const given = input as { path?: object; query?: object }
  const list = useInfiniteQuery({
    queryKey: [operation, 'pages', given, limit],
    queryFn: ({ pageParam, signal }) =>
      (call as Ask)(operation, {
        ...given,
        query: { ...given.query, limit, ...(pageParam ? { cursor: pageParam } : {}) },
        signal,
      }) as Promise<Api[O]['reply']>,
    initialPageParam: '',
    getNextPageParam: (page) => (page as { next_cursor: string | null }).next_cursor,
    placeholderData: keepPreviousData,
    // It would ask for each page that was read so far, one after another.
    refetchOnWindowFocus: false,
  })
  const pages = list.data?.pages
  const isLastEmpty = pages !== undefined && rowsOf(pages.at(-1) as Api[O]['reply']).length === 0
  const { hasNextPage, isFetching, isError, fetchNextPage } = list
  useEffect(() => {
    if (isLastEmpty && hasNextPage && !isFetching && !isError) void fetchNextPage()
  }, [isLastEmpty, hasNextPage, isFetching, isError, fetchNextPage])
  return { list, first: pages?.[0], rows: pages?.flatMap((page) => [...rowsOf(page)]) }
}

/** All rows at once, page after page: for a choice among them. */
export const readAll = <O extends Paged, R>(
  operation: O,
  query: NonNullable<Api[O]['query']>,
  rowsOf: (page: Api[O]['reply']) => readonly R[],
) =>
  queryOptions({
    queryKey: [operation, 'all', query] as const,
    queryFn: async ({ signal }) => {
      const all: R[] = []
      let cursor: string | null = ''
      while (cursor !== null) {
        const asked = { ...query, limit: PAGE, ...(cursor && { cursor }) }
        const page = (await (call as Ask)(operation, { query: asked, signal })) as Api[O]['reply']
        all.push(...rowsOf(page))
        cursor = (page as { next_cursor: string | null }).next_cursor
      }
      return all
    },
  })

export type Pages<R> = Pick<ReturnType<typeof usePages>, 'list'> & { rows: R[] | undefined }
