import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { call } from '../../api/client.ts'
import type { Role } from '../../api/session.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Input, Select } from '../../ui/field.tsx'
import { Failure } from '../../ui/states.tsx'
import { toast } from '../../ui/toast.tsx'
import { refreshUsers } from '../user/change.ts'

const ROLES = ['customer', 'support_staff', 'technical_team', 'manager'] as const

interface Props {
  user: { id: number; name: string; email: string; role: string }
  onClose: () => void
}

/** Gives a user another role; it takes power over money and people, so their address is typed. */
export function RoleDialog({ user, onClose }: Props) {
  const { t } = useTranslation('admin')
  const common = useTranslation().t
  const [role, setRole] = useState(user.role)
  const [typed, setTyped] = useState('')
  const giving = useMutation({
    mutationFn: () =>
      call('PUT /api/admin/users/managers/{id}/role', {
        path: { id: user.id },
        body: { role: role as Role },
      }),
    onSettled: refreshUsers,
    onSuccess: () => {
      toast(t('staff.roleGiven', { name: user.name, role: common(`role.${role as Role}`) }))
      onClose()
    },
  })
  const ready = role !== user.role && typed.trim() === user.email
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('staff.roleTitle', { name: user.name })}
      text={t('staff.roleText')}
    >
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (ready && !giving.isPending) giving.mutate()
        }}
      >
        <Select
          label={t('users.role')}
          value={role}
          onChange={setRole}
          options={ROLES.map((value) => ({ value, label: common(`role.${value}`) }))}
          hint={t(`staff.roles.${role as Role}`)}
        />
        <Input
          label={t('typeEmail', { email: user.email })}
          value={typed}
          dir="ltr"
          autoComplete="off"
          onChange={(event) => setTyped(event.target.value)}
        />
        {giving.isError && <Failure error={giving.error} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{common('cancel')}</Button>
          <Button type="submit" look="danger" disabled={!ready} busy={giving.isPending}>
            {t('user.role')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
