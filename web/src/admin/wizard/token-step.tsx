import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/button.tsx'
import { Note } from '../../ui/card.tsx'
import { Failure } from '../../ui/states.tsx'
import type { Automation } from '../automation/automation.ts'
import { useListing } from '../automation/change.ts'
import { NewToken } from '../automation/new-token.tsx'
import { useGenerate } from '../automation/tokens.tsx'

/** The token, shown once, and the marketplace. */
export function TokenStep({ automation }: { automation: Automation }) {
  const { t } = useTranslation('admin')
  const navigate = useNavigate()
  const [token, setToken] = useState<string | null>(null)
  const generate = useGenerate(automation.id, setToken)
  const listing = useListing(automation)
  const leave = () => void navigate({ to: `/admin/automations/${automation.id}` })
  return (
    <div className="grid gap-5">
      <p className="text-soft">{t('wizard.tokenText')}</p>
      {token ? (
        <>
          <Note meaning="warn">
            <strong className="font-semibold">{t('serviceTokens.shownTitle')}</strong>{' '}
            {t('serviceTokens.shownText')}
          </Note>
          <NewToken token={token} />
        </>
      ) : (
        <div>
          <Button look="primary" icon="plug" busy={generate.isPending} onClick={() => generate.mutate()}>
            {t('serviceTokens.generate')}
          </Button>
        </div>
      )}
      {generate.isError && <Failure error={generate.error} />}
      {automation.health_status !== 'healthy' && <Note>{t('wizard.willWait')}</Note>}
      <div className="flex flex-wrap justify-end gap-2 border-t border-line pt-4">
        <Button onClick={leave}>{t('wizard.later')}</Button>
        <Button
          look={token ? 'primary' : 'secondary'}
          busy={listing.isPending}
          onClick={() => listing.mutate(true, { onSuccess: leave })}
        >
          {t('wizard.finish')}
        </Button>
      </div>
    </div>
  )
}
