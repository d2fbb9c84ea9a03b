import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { call } from '../../api/client.ts'
import { foresee } from '../../api/foresee.ts'
import { read, refresh } from '../../api/query.ts'
import { useProblemText } from '../../ui/problem.ts'
import { toast } from '../../ui/toast.tsx'
import type { Automation } from './automation.ts'

export const refreshAutomations = () =>
  refresh('GET /api/admin/automations', 'GET /api/admin/automations/{id}', 'GET /api/admin/audit')

/** Lists an automation or takes it off, which can be undone for some seconds. */
export function useListing({ id, name }: Pick<Automation, 'id' | 'name'>) {
  const { t } = useTranslation('admin')
  const words = useProblemText()
  const path = { id }
  const put = (isListed: boolean) =>
    foresee<Automation, unknown>(
      read('GET /api/admin/automations/{id}', { path }),
      (now) => ({ ...now, is_listed: isListed, is_on_sale: isListed && now.health_status === 'healthy' }),
      () => call('PUT /api/admin/automations/{id}', { path, body: { is_listed: isListed } }),
    )
  const failed = (error: unknown) => toast(words(error), { meaning: 'bad' })
  return useMutation({
    scope: { id: `listing of ${id}` },
    mutationFn: put,
    onSettled: refreshAutomations,
    onError: failed,
    onSuccess: (_, isListed) => {
      const undo = () => void put(!isListed).catch(failed).then(refreshAutomations)
      toast(t(isListed ? 'automation.wasListed' : 'automation.wasUnlisted', { name }), { undo })
    },
  })
}
