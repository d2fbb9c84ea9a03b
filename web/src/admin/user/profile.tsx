import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { call } from '../../api/client.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Input } from '../../ui/field.tsx'
import { useForm } from '../../ui/form.ts'
import { Failure } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { toast } from '../../ui/toast.tsx'
import { Pairs } from '../kit/pairs.tsx'
import { useMay } from '../kit/role.ts'
import { refreshUsers } from './change.ts'
import type { User } from './user.ts'

export function Profile({ user }: { user: User }) {
  const { t } = useTranslation('admin')
  const may = useMay()
  const [editing, setEditing] = useState(false)
  const allowed = user.role === 'customer' ? may.change : may.manage
  const edit = allowed && !editing && (
    <Button size="sm" onClick={() => setEditing(true)}>
      {t('edit')}
    </Button>
  )
  return (
    <Card title={t('user.profile')} actions={edit}>
      {editing ? (
        <ProfileForm user={user} onDone={() => setEditing(false)} />
      ) : (
        <Pairs
          items={[
            { label: t('users.name'), value: <span dir="auto">{user.name}</span> },
            {
              label: t('user.phone'),
              value: user.phone_number ? <span dir="ltr">{user.phone_number}</span> : t('none'),
            },
            { label: t('users.joined'), value: <Time at={user.created_at} /> },
            {
              label: t('users.lastLogin'),
              value: user.last_login_at ? <Time at={user.last_login_at} /> : t('never'),
            },
          ]}
        />
      )}
    </Card>
  )
}

function ProfileForm({ user, onDone }: { user: User; onDone: () => void }) {
  const { t } = useTranslation('admin')
  const common = useTranslation().t
  const operation =
    user.role === 'customer' ? 'PUT /api/admin/users/{id}' : 'PUT /api/admin/users/managers/{id}'
  const form = useForm({
    initial: { name: user.name, phone_number: user.phone_number ?? '' },
    check: ({ name }) => (name.trim() ? {} : { name: common('problem.fields.required') }),
    send: async ({ name, phone_number }): Promise<unknown> =>
      call(operation, { path: { id: user.id }, body: { name, phone_number: phone_number.trim() || null } }),
    done: () => {
      toast(common('saved'))
      onDone()
      void refreshUsers()
    },
  })
  return (
    <form className="grid gap-4" onSubmit={form.submit} noValidate>
      <Input label={t('users.name')} maxLength={100} autoComplete="off" {...form.field('name')} />
      <Input
        label={t('user.phone')}
        optional
        dir="ltr"
        type="tel"
        maxLength={32}
        autoComplete="off"
        {...form.field('phone_number')}
      />
      {form.failure && <Failure error={form.failure} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>{common('cancel')}</Button>
        <Button type="submit" look="primary" busy={form.sending.isPending}>
          {common('save')}
        </Button>
      </div>
    </form>
  )
}
