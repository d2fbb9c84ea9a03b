import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { call } from '../../api/client.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Input, PasswordInput, Select } from '../../ui/field.tsx'
import { useForm } from '../../ui/form.ts'
import { useNewPassword } from '../../ui/new-password.ts'
import { Failure } from '../../ui/states.tsx'
import { toast } from '../../ui/toast.tsx'
import { refreshUsers } from '../user/change.ts'
import type { Member } from './member.ts'

const ROLES = ['support_staff', 'technical_team', 'manager'] as const
type StaffRole = (typeof ROLES)[number]

/** What every account needs, in words where it is wrong. */
function useMistakes() {
  const { t } = useTranslation()
  return ({ name, email }: { name: string; email: string }) => ({
    ...(name.trim() ? {} : { name: t('problem.fields.required') }),
    ...(/^\S+@\S+$/.test(email.trim()) ? {} : { email: t('problem.fields.email') }),
  })
}

export function AddStaff({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('admin')
  const common = useTranslation().t
  const mistakes = useMistakes()
  const newPassword = useNewPassword()
  const form = useForm({
    initial: { name: '', email: '', phone_number: '', role: 'support_staff', password: '' },
    check: (values) => ({
      ...mistakes(values),
      ...newPassword('password', values.password),
    }),
    send: ({ name, email, phone_number, role, password }) =>
      call('POST /api/admin/users/managers', {
        body: {
          name: name.trim(),
          email: email.trim(),
          role: role as StaffRole,
          password,
          phone_number: phone_number.trim() || null,
        },
      }),
    done: ({ name }) => {
      toast(t('staff.added', { name }))
      void refreshUsers()
      onClose()
    },
  })
  return (
    <Dialog open onClose={onClose} title={t('staff.addTitle')}>
      <form className="grid gap-4" onSubmit={form.submit} noValidate>
        <Who form={form} />
        <Select
          label={t('users.role')}
          value={form.values.role}
          onChange={(role) => form.set({ role })}
          options={ROLES.map((value) => ({ value, label: common(`role.${value}`) }))}
          hint={t(`staff.roles.${form.values.role as StaffRole}`)}
        />
        <PasswordInput
          label={t('staff.password')}
          hint={t('staff.passwordHint')}
          autoComplete="new-password"
          {...form.field('password')}
        />
        {form.failure && <Failure error={form.failure} />}
        <Foot label={t('staff.add')} busy={form.sending.isPending} onClose={onClose} />
      </form>
    </Dialog>
  )
}

export function EditStaff({ member, onClose }: { member: Member; onClose: () => void }) {
  const { t } = useTranslation('admin')
  const common = useTranslation().t
  const { id, name, email, phone_number } = member
  const form = useForm({
    initial: { name, email, phone_number: phone_number ?? '' },
    check: useMistakes(),
    send: (values) =>
      call('PUT /api/admin/users/managers/{id}', {
        path: { id },
        body: {
          name: values.name.trim(),
          email: values.email.trim(),
          phone_number: values.phone_number.trim() || null,
        },
      }),
    done: () => {
      toast(common('saved'))
      void refreshUsers()
      onClose()
    },
  })
  return (
    <Dialog open onClose={onClose} title={t('staff.editTitle', { name })}>
      <form className="grid gap-4" onSubmit={form.submit} noValidate>
        <Who form={form} />
        {form.failure && <Failure error={form.failure} />}
        <Foot label={common('save')} busy={form.sending.isPending} onClose={onClose} />
      </form>
    </Dialog>
  )
}

type Field = {
  name: string
  value: string
  onChange: (event: { target: { value: string } }) => void
  error?: ReactNode
}

function Who({ form }: { form: { field: (name: 'name' | 'email' | 'phone_number') => Field } }) {
  const { t } = useTranslation('admin')
  return (
    <>
      <Input label={t('users.name')} maxLength={100} autoComplete="off" {...form.field('name')} />
      <Input
        label={t('users.email')}
        type="email"
        dir="ltr"
        maxLength={254}
        autoComplete="off"
        {...form.field('email')}
      />
      <Input
        label={t('user.phone')}
        optional
        type="tel"
        dir="ltr"
        maxLength={32}
        autoComplete="off"
        {...form.field('phone_number')}
      />
    </>
  )
}

function Foot({ label, busy, onClose }: { label: string; busy: boolean; onClose: () => void }) {
  const { t } = useTranslation()
  return (
    <div className="flex flex-wrap justify-end gap-2">
      <Button onClick={onClose}>{t('cancel')}</Button>
      <Button type="submit" look="primary" busy={busy}>
        {label}
      </Button>
    </div>
  )
}
