import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { call } from '../../api/client.ts'
import { Button } from '../../ui/button.tsx'
import { useForm } from '../../ui/form.ts'
import { Failure } from '../../ui/states.tsx'
import type { Automation } from '../automation/automation.ts'
import { refreshAutomations } from '../automation/change.ts'
import { ConnectFields, useCheck } from '../automation/fields.tsx'
import { HealthFacts, useHealthCheck } from '../automation/health.tsx'
import { bodyOf, valuesOf } from '../automation/values.ts'

const URLS = ['provision_url', 'health_check_url', 'dashboard_url'] as const

/** Asks the service how it is, as often as its addresses need mending. */
export function TestStep({ automation, onNext }: { automation: Automation; onNext: () => void }) {
  const { t } = useTranslation('admin')
  const check = useCheck()
  const asking = useHealthCheck(automation.id)
  const [editing, setEditing] = useState(automation.health_check_url === null)
  const form = useForm({
    initial: valuesOf(automation),
    check: (values) => check(values, URLS),
    send: (values) => {
      const { provision_url = null, health_check_url = null, dashboard_url = null } = bodyOf(values)
      return call('PUT /api/admin/automations/{id}', {
        path: { id: automation.id },
        body: { provision_url, health_check_url, dashboard_url },
      })
    },
    done: async ({ health_check_url }) => {
      await refreshAutomations()
      setEditing(false)
      if (health_check_url) asking.mutate()
    },
  })
  const healthy = automation.health_status === 'healthy'
  return (
    <div className="grid gap-5">
      <p className="text-soft">{t('wizard.testText')}</p>
      {editing ? (
        <form className="grid gap-4" onSubmit={form.submit} noValidate>
          <ConnectFields form={form} />
          {form.failure && <Failure error={form.failure} />}
          <div className="flex justify-end">
            <Button type="submit" look="primary" busy={form.sending.isPending}>
              {t('wizard.saveAndTest')}
            </Button>
          </div>
        </form>
      ) : (
        <>
          <HealthFacts automation={automation} />
          {asking.isPending && <p role="status">{t('health.checking')}</p>}
          {asking.isError && <Failure error={asking.error} />}
          <div className="flex flex-wrap gap-2">
            {automation.health_check_url && (
              <Button
                look={healthy ? 'secondary' : 'primary'}
                busy={asking.isPending}
                onClick={() => asking.mutate()}
              >
                {t('health.check')}
              </Button>
            )}
            <Button onClick={() => setEditing(true)}>{t('wizard.change')}</Button>
          </div>
        </>
      )}
      <div className="flex justify-end border-t border-line pt-4">
        <Button look={healthy ? 'primary' : 'secondary'} onClick={onNext}>
          {t(healthy ? 'wizard.next' : 'wizard.skip')}
        </Button>
      </div>
    </div>
  )
}
