import { QueryClient, queryOptions } from '@tanstack/react-query'
import { ApiError, call, type Input } from './client.ts'
import type { Api } from './schema.ts'

const RETRIES = 4
const MOST_WAIT_MS = 15_000

/** Waits as long as the server asks for, else longer each time. */
export function waitMs(attempt: number, error: unknown): number {
  const asked = error instanceof ApiError ? error.retryAfterSeconds : null
  return asked === null ? Math.min(1_000 * 2 ** attempt, MOST_WAIT_MS) : Math.min(asked, 60) * 1_000
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (count, error) => count < RETRIES && error instanceof ApiError && error.isPassing,
      retryDelay: waitMs,
      refetchOnWindowFocus: 'always',
    },
    // What changes something is repeated only when the server has refused it before doing anything.
    // Offline it fails at once: later, unseen, is not when somebody wanted it.
    mutations: {
      networkMode: 'always',
      retry: (count, error) =>
        count < 2 && error instanceof ApiError && error.status === 503 && error.retryAfterSeconds !== null,
      retryDelay: waitMs,
    },
  },
})

type Reads = Extract<keyof Api, `GET ${string}`>

/** A read as TanStack Query wants it; its key is the operation and what it was asked with. */
export const read = <O extends Reads>(operation: O, input?: Input<O>) =>
  queryOptions({
    queryKey: [operation, input ?? null] as const,
    queryFn: ({ signal }) =>
      (call as (o: O, i: object) => Promise<Api[O]['reply']>)(operation, { ...input, signal }),
  })

/** Everything that was read from these operations is read again where it is shown. */
export async function refresh(...operations: Reads[]) {
  await Promise.all(operations.map((operation) => queryClient.invalidateQueries({ queryKey: [operation] })))
}
