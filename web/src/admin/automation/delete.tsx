import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { call } from '../../api/client.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Confirm } from '../../ui/dialog.tsx'
import { Failure } from '../../ui/states.tsx'
import { toast } from '../../ui/toast.tsx'
import type { Automation } from './automation.ts'
import { refreshAutomations } from './change.ts'

export function Delete({ automation: { id, name } }: { automation: Automation }) {
  const { t } = useTranslation('admin')
  const navigate = useNavigate()
  const [asking, setAsking] = useState(false)
  const deleting = useMutation({
    mutationFn: () => call('DELETE /api/admin/automations/{id}', { path: { id } }),
    onSuccess: async () => {
      toast(t('automation.deleted', { name }))
      await navigate({ to: '/admin/automations' })
      void refreshAutomations()
    },
  })
  return (
    <Card
      title={t('automation.danger')}
      text={t('automation.dangerText')}
      actions={
        <Button size="sm" look="danger" onClick={() => setAsking(true)}>
          {t('automation.delete')}
        </Button>
      }
      className="[&>div:last-child]:p-2"
    >
      {asking && (
        <Confirm
          open
          onClose={() => {
            deleting.reset()
            setAsking(false)
          }}
          title={t('automation.deleteTitle', { name })}
          text={t('automation.deleteText')}
          action={t('automation.delete')}
          word={name}
          busy={deleting.isPending}
          failure={deleting.isError && <Failure error={deleting.error} />}
          onConfirm={() => deleting.mutate()}
        />
      )}
    </Card>
  )
}
