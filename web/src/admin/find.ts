import { queryClient, read } from '../api/query.ts'
import type { Command, Finder } from '../shell/commands.ts'

const MOST = 6

/** Users and automations by name or address, for the palette. */
export const findRecords =
  (go: (to: string) => void): Finder =>
  async (search) => {
    const query = { search, limit: MOST }
    const [{ users }, { automations }] = await Promise.all([
      queryClient.fetchQuery(read('GET /api/admin/users', { query })),
      queryClient.fetchQuery(read('GET /api/admin/automations', { query })),
    ])
    return [
      ...users.map(
        ({ id, name, email }): Command => ({
          id: `user-${id}`,
          label: name,
          detail: email,
          icon: 'users',
          group: 'records',
          run: () => go(`/admin/users/${id}`),
        }),
      ),
      ...automations.map(
        ({ id, name }): Command => ({
          id: `automation-${id}`,
          label: name,
          icon: 'bot',
          group: 'records',
          run: () => go(`/admin/automations/${id}`),
        }),
      ),
    ]
  }
