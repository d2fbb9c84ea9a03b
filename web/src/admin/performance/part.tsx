import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ApiError } from '../../api/client.ts'
import { Card } from '../../ui/card.tsx'
import { Failure, SkeletonRows } from '../../ui/states.tsx'

interface PartProps<T> {
  title: string
  query: UseQueryResult<T>
  children: (data: T) => ReactNode
}

/** A part of the page with a question of its own: absent where the server has no such part, or not for this role. */
export function Part<T>({ title, query, children }: PartProps<T>) {
  if (query.data !== undefined) return children(query.data)
  const { error } = query
  if (error instanceof ApiError && (error.status === 404 || error.status === 403)) return null
  return (
    <Card title={title} flush>
      {query.isError ? <Failure error={error} onRetry={() => void query.refetch()} /> : <SkeletonRows />}
    </Card>
  )
}
