import { useTranslation } from 'react-i18next'
import { call } from '../api/client.ts'
import { type Role, signedIn } from '../api/session.ts'
import { Button } from '../ui/button.tsx'
import { Input, PasswordInput } from '../ui/field.tsx'
import { useForm } from '../ui/form.ts'
import { Failure } from '../ui/states.tsx'

interface SignInFormProps {
  onDone: (user: { userId: number; role: Role }) => void
}

/** Email and password; used by the sign-in page and over a page whose session has ended. */
export function SignInForm({ onDone }: SignInFormProps) {
  const { t } = useTranslation()
  const form = useForm({
    initial: { email: '', password: '' },
    check: ({ email, password }) => ({
      ...(email.trim() ? {} : { email: t('problem.fields.required') }),
      ...(password ? {} : { password: t('problem.fields.required') }),
    }),
    send: ({ email, password }) => call('POST /api/auth/login', { body: { email: email.trim(), password } }),
    done: ({ access_token }) => onDone(signedIn(access_token)),
  })
  return (
    <form onSubmit={form.submit} noValidate className="grid gap-4">
      <Input
        {...form.field('email')}
        label={t('auth.email')}
        type="email"
        dir="ltr"
        autoComplete="username"
        maxLength={254}
      />
      <PasswordInput
        {...form.field('password')}
        label={t('auth.password')}
        autoComplete="current-password"
        maxLength={1024}
      />
      {form.failure && (
        <div className="rounded-lg bg-bad-soft">
          <Failure error={form.failure} />
        </div>
      )}
      <Button type="submit" look="primary" busy={form.sending.isPending}>
        {t('auth.signIn')}
      </Button>
    </form>
  )
}
