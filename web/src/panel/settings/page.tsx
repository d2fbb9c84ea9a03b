import { useMutation, useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { call } from '../../api/client.ts'
import { read, refresh } from '../../api/query.ts'
import type { Api } from '../../api/schema.ts'
import { signOut } from '../../api/session.ts'
import { language, setLanguage } from '../../i18n/i18n.ts'
import { setTheme, type Theme, useTheme } from '../../shell/theme.ts'
import { useTitle } from '../../shell/title.ts'
import { Button } from '../../ui/button.tsx'
import { Card, PageHead } from '../../ui/card.tsx'
import { Input, PasswordInput, Select } from '../../ui/field.tsx'
import { useForm } from '../../ui/form.ts'
import { useNewPassword } from '../../ui/new-password.ts'
import { Failure, Loaded, SkeletonRows } from '../../ui/states.tsx'
import { toast } from '../../ui/toast.tsx'
import { Sessions } from './sessions.tsx'

const THEMES = ['light', 'dark', 'system'] as const

/** Who one is, how one signs in, and from where. */
export function SettingsPage() {
  const { t } = useTranslation('panel')
  useTitle(t('settings.title'))
  const me = useQuery(read('GET /api/me'))
  return (
    <>
      <PageHead title={t('settings.title')} actions={<SignOutButton />} />
      <div className="grid items-start gap-6 lg:grid-cols-2">
        <Card title={t('settings.profile')}>
          <Loaded query={me} skeleton={<SkeletonRows rows={3} className="h-16" />}>
            {(data) => <Profile me={data} />}
          </Loaded>
        </Card>
        <Card title={t('settings.password')} text={t('settings.passwordText')}>
          <Password />
        </Card>
        <Card title={t('settings.looks')} text={t('settings.looksText')}>
          <Looks />
        </Card>
        <Sessions />
      </div>
    </>
  )
}

function SignOutButton() {
  const { t } = useTranslation()
  const leaving = useMutation({
    mutationFn: signOut,
    onError: () => toast(t('auth.signOutFailed'), { meaning: 'bad' }),
  })
  return (
    <Button icon="exit" busy={leaving.isPending} onClick={() => leaving.mutate()}>
      {t('auth.signOut')}
    </Button>
  )
}

function Profile({ me }: { me: Api['GET /api/me']['reply'] }) {
  const { t } = useTranslation('panel')
  const common = useTranslation().t
  const form = useForm({
    initial: { name: me.name, phone_number: me.phone_number ?? '' },
    check: ({ name }) => (name.trim() ? {} : { name: common('problem.fields.required') }),
    send: (body) => call('PUT /api/user/profile', { body }),
    done: () => {
      toast(t('settings.profileSaved'))
      void refresh('GET /api/me', 'GET /api/user/dashboard')
    },
  })
  return (
    <form onSubmit={form.submit} noValidate className="grid gap-4">
      <Input {...form.field('name')} label={common('auth.name')} autoComplete="name" maxLength={100} />
      <Input
        label={common('auth.email')}
        value={me.email}
        readOnly
        dir="ltr"
        hint={t('settings.emailFixed')}
        className="bg-sunken"
      />
      <Input
        {...form.field('phone_number')}
        label={t('settings.phone')}
        optional
        type="tel"
        dir="ltr"
        autoComplete="tel"
        maxLength={32}
      />
      {form.failure && <Failure error={form.failure} />}
      <div>
        <Button type="submit" look="primary" busy={form.sending.isPending}>
          {common('save')}
        </Button>
      </div>
    </form>
  )
}

function Password() {
  const { t } = useTranslation('panel')
  const common = useTranslation().t
  const newPassword = useNewPassword()
  const empty = { current_password: '', new_password: '', confirm_password: '' }
  const form = useForm({
    initial: empty,
    check: ({ current_password, new_password, confirm_password }) => ({
      ...(current_password ? {} : { current_password: common('problem.fields.required') }),
      ...newPassword('new_password', new_password),
      ...(confirm_password === new_password ? {} : { confirm_password: common('auth.mismatch') }),
    }),
    send: (body) => call('POST /api/user/password', { body }),
    done: () => {
      form.set(empty)
      toast(t('settings.passwordSaved'))
      void refresh('GET /api/auth/sessions')
    },
  })
  return (
    <form onSubmit={form.submit} noValidate className="grid gap-4">
      <PasswordInput
        {...form.field('current_password')}
        label={t('settings.current')}
        autoComplete="current-password"
        maxLength={1024}
      />
      <PasswordInput
        {...form.field('new_password')}
        label={t('settings.next')}
        hint={common('auth.passwordHint')}
        autoComplete="new-password"
      />
      <PasswordInput
        {...form.field('confirm_password')}
        label={t('settings.repeat')}
        autoComplete="new-password"
      />
      {form.failure && <Failure error={form.failure} />}
      <div>
        <Button type="submit" look="primary" busy={form.sending.isPending}>
          {t('settings.change')}
        </Button>
      </div>
    </form>
  )
}

function Looks() {
  const { t } = useTranslation()
  const theme = useTheme()
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Select
        label={t('language.label')}
        value={language()}
        onChange={(next) => void setLanguage(next === 'fa' ? 'fa' : 'en')}
        options={[
          { value: 'en', label: 'English' },
          { value: 'fa', label: 'فارسی' },
        ]}
      />
      <Select
        label={t('theme.label')}
        value={theme}
        onChange={(next) => setTheme(next as Theme)}
        options={THEMES.map((value) => ({ value, label: t(`theme.${value}`) }))}
      />
    </div>
  )
}
