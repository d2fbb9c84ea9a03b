import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { call } from '../../api/client.ts'
import { foresee } from '../../api/foresee.ts'
import { read, refresh } from '../../api/query.ts'
import { useProblemText } from '../../ui/problem.ts'
import { toast } from '../../ui/toast.tsx'
import type { User } from './user.ts'

export const refreshUsers = () =>
  refresh(
    'GET /api/admin/users',
    'GET /api/admin/users/{id}',
    'GET /api/admin/users/{id}/timeline',
    'GET /api/admin/users/managers',
    'GET /api/admin/users/managers/stats',
  )

const setActive = (user: Pick<User, 'id' | 'role'>, isActive: boolean) =>
  foresee<User, void>(
    read('GET /api/admin/users/{id}', { path: { id: user.id } }),
    (now) => ({ ...now, is_active: isActive }),
    () => sendActive(user, isActive),
  )

/** Staff accounts have endpoints of their own, which only managers may call. */
async function sendActive({ id, role }: Pick<User, 'id' | 'role'>, isActive: boolean) {
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
