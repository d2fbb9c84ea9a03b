import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/button.tsx'
import { Confirm } from '../../ui/dialog.tsx'
import { Failure } from '../../ui/states.tsx'
import { useMay } from '../kit/role.ts'
import { RoleDialog } from '../staff/role.tsx'
import { useStanding } from './change.ts'
import type { User } from './user.ts'

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
        <Button look="primary" onClick={() => standing.mutate(true)}>
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
