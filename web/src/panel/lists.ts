import { queryOptions } from '@tanstack/react-query'
import { callPage } from '../api/client.ts'
import type { Api } from '../api/schema.ts'

type Listed = 'GET /api/automations/marketplace' | 'GET /api/user/automations'

/** The most that the server gives at once. */
const LIMIT = 100

/** A whole list, page after page: it is searched and sorted here, so that what comes late is found, too. */
const wholeList = <O extends Listed>(operation: O) =>
  queryOptions({
    queryKey: [operation, 'all'] as const,
    queryFn: async ({ signal }) => {
      const all: unknown[] = []
      let cursor: string | null = ''
      while (cursor !== null) {
        const query: { limit: number; cursor?: string } = { limit: LIMIT, ...(cursor && { cursor }) }
        const page = await callPage<Listed>(operation, { query, signal })
        all.push(...page.rows)
        cursor = page.next
      }
      return all as Api[O]['reply']
    },
  })

/** All that is on sale. */
export const onSale = wholeList('GET /api/automations/marketplace')
/** All that the customer has added. */
export const allMine = wholeList('GET /api/user/automations')
