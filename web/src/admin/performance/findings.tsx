import type { UseQueryResult } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { Api } from '../../api/schema.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Icon } from '../../ui/icons.tsx'
import { FindingItem } from './finding.tsx'
import { Applied } from './outcome.tsx'
import { Part } from './part.tsx'
import { type Tuning, useRights } from './tuning.ts'

interface FindingsProps {
  query: UseQueryResult<Api['GET /api/admin/performance/findings']['reply']>
  tuning: Tuning
}

/** What makes the database slow, each with what would mend it; and what was mended just now. */
export function Findings({ query, tuning }: FindingsProps) {
  const { t } = useTranslation('performance')
  const { mayLook, mayApply } = useRights()
  if (!mayLook) {
    return (
      <Card title={t('findings.title')}>
        <p className="flex items-center gap-2 text-sm text-soft">
          <Icon name="info" size={16} />
          {t('slow.notAllowed')}
        </p>
      </Card>
    )
  }
  return (
    <Part title={t('findings.title')} query={query}>
      {({ findings }) => (
        <Card
          title={t('findings.title')}
          text={t('findings.text')}
          flush
          actions={
            <>
              {mayApply && (
                <Button size="sm" look="quiet" onClick={() => tuning.ask('undo')}>
                  {t('findings.undo')}
                </Button>
              )}
              <Button size="sm" busy={query.isFetching} onClick={() => void query.refetch()}>
                {t('findings.again')}
              </Button>
            </>
          }
        >
          {tuning.outcome && <Applied outcome={tuning.outcome} tuning={tuning} />}
          {findings.length === 0 ? (
            <p className="flex items-center gap-2 px-5 py-4 text-sm text-soft">
              <Icon name="check" size={16} className="text-good" />
              {t('findings.none')}
            </p>
          ) : (
            <div className="divide-y divide-line border-t border-line">
              {findings.map((finding) => (
                <FindingItem key={finding.id} finding={finding} tuning={tuning} />
              ))}
            </div>
          )}
        </Card>
      )}
    </Part>
  )
}
