import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { call } from '../../api/client.ts'
import { refresh } from '../../api/query.ts'
import { Button } from '../../ui/button.tsx'
import { Confirm } from '../../ui/dialog.tsx'
import { useProblemText } from '../../ui/problem.ts'
import { Failure } from '../../ui/states.tsx'
import { toast } from '../../ui/toast.tsx'
import { useMay } from '../kit/role.ts'
import { RoleDialog } from '../staff/role.tsx'
import type { User } from './page.tsx'

export const refreshUsers = () =>
  refresh(
    'GET /api/admin/users',
    'GET /api/admin/users/{id}',
    'GET /api/admin/users/{id}/timeline',
    'GET /api/admin/users/managers',
    'GET /api/admin/users/managers/stats',
  )

/** Staff accounts have endpoints of their own, which only managers may call. */
async function setActive({ id, role }: Pick<User, 'id' | 'role'>, isActive: boolean) {
  const path = { id }
  if (role === 'customer') {
    await call(`POST /api/admin/users/{id}/${isActive ? 'activate' : 'deactivate'}`, { path, body: {} })
  } else if (isActive) await call('PUT /api/admin/users/managers/{id}/activate', { path })
  else await call('DELETE /api/admin/users/managers/{id}', { path })
}

/** Whether a user may sign in, and changing that. Deactivating can be undone for some seconds. */
export function useStanding(user: Pick<User, 'id' | 'name' | 'role'>, done?: () => void) {
  const { t } = useTranslation('admin')
  const words = useProblemText()
  return useMutation({
    mutationFn: (isActive: boolean) => setActive(user, isActive),
    onSettled: refreshUsers,
    onSuccess: (_, isActive) => {
      const undo = () =>
        void setActive(user, !isActive)
          .then(
            () => toast(t('users.undone')),
            (error: unknown) => toast(words(error), { meaning: 'bad' }),
          )
          .then(refreshUsers)
      toast(t(isActive ? 'user.activated' : 'user.deactivated', { name: user.name }), { undo })
      done?.()
    },
  })
}

/** What may be done with this account by whoever looks at it. */
export function Standing({ user }: { user: User }) {
  const { t } = useTranslation('admin')
  const may = useMay()
  const [asking, setAsking] = useState<'role' | 'deactivate' | null>(null)
  const standing = useStanding(user, () => setAsking(null))
  const close = () => {
    standing.reset()
    setAsking(null)
  }
  const allowed = user.role === 'customer' ? may.change : may.manage
  if (!allowed) return null
  return (
    <>
      {may.manage && <Button onClick={() => setAsking('role')}>{t('user.role')}</Button>}
      {user.is_active ? (
        <Button look="danger" onClick={() => setAsking('deactivate')}>
          {t('users.deactivate')}
        </Button>
      ) : (
        <Button look="primary" busy={standing.isPending} onClick={() => standing.mutate(true)}>
          {t('users.activate')}
        </Button>
      )}
      {standing.isError && asking === null && <Failure error={standing.error} />}
      {asking === 'role' && <RoleDialog user={user} onClose={close} />}
      {asking === 'deactivate' && (
        <Confirm
          open
          onClose={close}
          title={t('user.deactivateTitle', { name: user.name })}
          text={t('users.deactivateText')}
          action={t('users.deactivate')}
          word={user.email}
          busy={standing.isPending}
          failure={standing.isError && <Failure error={standing.error} />}
          onConfirm={() => standing.mutate(false)}
        />
      )}
    </>
  )
}
