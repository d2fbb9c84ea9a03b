import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTitle } from '../../shell/title.ts'
import { Card, PageHead } from '../../ui/card.tsx'
import { Empty, Failure, Loaded } from '../../ui/states.tsx'

interface OneProps<T> {
  query: UseQueryResult<T>
  /** What the page is about, while there is no name. */
  title: string
  skeleton: ReactNode
  children: (data: T) => ReactNode
}

/** A page about one record; what went wrong stands below a heading, too. */
export function One<T>({ query, title, skeleton, children }: OneProps<T>) {
  if (query.isError && query.data === undefined) {
    return (
      <>
        <PageHead title={title} />
        <Card flush>
          <Failure error={query.error} onRetry={() => void query.refetch()} />
        </Card>
      </>
    )
  }
  return (
    <Loaded query={query} skeleton={skeleton}>
      {children}
    </Loaded>
  )
}

/** For an address that can be that of nothing. */
export function NoSuch({ title, text }: { title: string; text: string }) {
  useTitle(title)
  return (
    <>
      <PageHead title={title} />
      <Card flush>
        <Empty icon="search" title={text} />
      </Card>
    </>
  )
}
