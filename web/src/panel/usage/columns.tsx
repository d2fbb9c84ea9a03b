import type { TFunction } from 'i18next'
import { num } from '../../i18n/format.ts'
import { Badge } from '../../ui/card.tsx'
import type { Column } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'

interface Use {
  id: number
  created_at: string
  description: string
  tokens_used: number
}

/** One use in a row: when, what, how much. */
export const usageColumns = (t: TFunction<'panel'>): Column<Use>[] => [
  { key: 'when', head: t('usage.when'), cell: ({ created_at }) => <Time at={created_at} /> },
  {
    key: 'what',
    head: t('usage.what'),
    cell: ({ description, tokens_used }) => (
      <span className="inline-flex max-w-full items-center gap-2">
        <bdi className="min-w-28 sm:min-w-40 [overflow-wrap:anywhere]">{description}</bdi>
        {tokens_used < 0 && <Badge meaning="info">{t('usage.reversal')}</Badge>}
      </span>
    ),
  },
  { key: 'tokens', head: t('tokens'), numeric: true, cell: ({ tokens_used }) => num(tokens_used) },
]
