import { queryClient } from '../api/query.ts'
import type { Finder } from '../shell/commands.ts'
import { onSale } from './lists.ts'

/** Automations on sale by name, for the palette. */
export const findAutomations =
  (go: (to: string) => void): Finder =>
  async (text) => {
    const automations = await queryClient.fetchQuery(onSale)
    const wanted = text.toLowerCase()
    return automations
      .filter(({ name, description }) => `${name} ${description}`.toLowerCase().includes(wanted))
      .slice(0, 8)
      .map(({ id, name }) => ({
        id: `automation-${id}`,
        label: name,
        icon: 'bot',
        group: 'records',
        run: () => go(`/marketplace/${id}`),
      }))
  }
