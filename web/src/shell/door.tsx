import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { call } from '../api/client.ts'
import { type Role, signedIn, useSession } from '../api/session.ts'
import { Button } from '../ui/button.tsx'
import { Input, PasswordInput } from '../ui/field.tsx'
import { useForm } from '../ui/form.ts'
import { Icon, type IconName } from '../ui/icons.tsx'
import { useNewPassword } from '../ui/new-password.ts'
import { Failure } from '../ui/states.tsx'
import { Brand } from './brand.tsx'
import { ThemeAndLanguage } from './preferences.tsx'
import { SignInForm } from './sign-in-form.tsx'
import { useTitle } from './title.ts'

/** Where somebody goes who has just come in: back to where they wanted to go, if that is a page of this app. */
const inside = (next: unknown, role: Role) =>
  typeof next === 'string' && /^\/(?![/\\])/.test(next) ? next : role === 'customer' ? '/dashboard' : '/admin'

function useComeIn() {
  const { next } = useSearch({ strict: false }) as { next?: string }
  const navigate = useNavigate()
  const session = useSession()
  useEffect(() => {
    if (session.state === 'signed-in') void navigate({ href: inside(next, session.role), replace: true })
  }, [session, next, navigate])
}

export function LoginPage() {
  const { t } = useTranslation()
  const { next } = useSearch({ strict: false }) as { next?: string }
  useTitle(t('auth.signIn'))
  useComeIn()
  return (
    <Door title={t('auth.welcome')} text={t('auth.welcomeText')}>
      <SignInForm onDone={() => {}} />
      <p className="mt-4 text-sm text-soft">{t('auth.forgotten')}</p>
      <p className="mt-5 border-t border-line pt-5">
        {t('auth.newHere')}{' '}
        <Link
          to="/signup"
          search={(next ? { next } : {}) as never}
          className="font-medium text-accent-ink underline underline-offset-4"
        >
          {t('auth.signUp')}
        </Link>
      </p>
    </Door>
  )
}

export function SignupPage() {
  const { t } = useTranslation()
  const { next } = useSearch({ strict: false }) as { next?: string }
  useTitle(t('auth.signUp'))
  useComeIn()
  return (
    <Door title={t('auth.signUp')} text={t('auth.signUpText')}>
      <SignUpForm />
      <p className="mt-5 border-t border-line pt-5">
        {t('auth.haveAccount')}{' '}
        <Link
          to="/login"
          search={(next ? { next } : {}) as never}
          className="font-medium text-accent-ink underline underline-offset-4"
        >
          {t('auth.signIn')}
        </Link>
      </p>
    </Door>
  )
}

function SignUpForm() {
  const { t } = useTranslation()
  const newPassword = useNewPassword()
  const required = t('problem.fields.required')
  const form = useForm({
    initial: { name: '', email: '', password: '', confirm_password: '' },
    check: ({ name, email, password, confirm_password }) => ({
      ...(name.trim() ? {} : { name: required }),
      ...(/^\S+@\S+$/.test(email.trim())
        ? {}
        : { email: email.trim() ? t('problem.fields.email') : required }),
      ...newPassword('password', password),
      ...(confirm_password === password ? {} : { confirm_password: t('auth.mismatch') }),
    }),
    send: (body) => call('POST /api/auth/signup', { body: { ...body, email: body.email.trim() } }),
    done: ({ access_token }) => void signedIn(access_token),
  })
  return (
    <form onSubmit={form.submit} noValidate className="grid gap-4">
      <Input {...form.field('name')} label={t('auth.name')} autoComplete="name" maxLength={100} />
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
        hint={t('auth.passwordHint')}
        autoComplete="new-password"
      />
      <PasswordInput
        {...form.field('confirm_password')}
        label={t('auth.confirm')}
        autoComplete="new-password"
      />
      {form.failure && (
        <div className="rounded-lg bg-bad-soft">
          <Failure error={form.failure} />
        </div>
      )}
      <Button type="submit" look="primary" busy={form.sending.isPending}>
        {t('auth.signUp')}
      </Button>
    </form>
  )
}

const POINTS: { icon: IconName; title: 'auth.point1' | 'auth.point2' | 'auth.point3' }[] = [
  { icon: 'coins', title: 'auth.point1' },
  { icon: 'chart', title: 'auth.point2' },
  { icon: 'bot', title: 'auth.point3' },
]

function Door({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  const { t } = useTranslation()
  return (
    <div className="grid min-h-dvh lg:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
      <div className="flex flex-col px-5 py-5 sm:px-10">
        <header className="flex items-center justify-between">
          <Link to="/" className="flex rounded-md">
            <Brand />
          </Link>
          <ThemeAndLanguage />
        </header>
        <main id="content" className="m-auto w-full max-w-sm py-8">
          <h1 className="text-2xl font-semibold tracking-tight">{title}</h1>
          <p className="mt-1 mb-6 text-soft">{text}</p>
          {children}
        </main>
      </div>
      <aside
        className="hidden flex-col justify-center gap-8 bg-brand px-14 text-white lg:flex"
        aria-label={t('tagline')}
      >
        <p className="max-w-md text-3xl leading-snug font-semibold text-balance">{t('tagline')}</p>
        <ul className="grid gap-6">
          {POINTS.map(({ icon, title: point }) => (
            <li key={point} className="flex gap-4">
              <span className="inline-flex size-10 shrink-0 items-center justify-center rounded-lg bg-white/12 text-brand-gold">
                <Icon name={icon} size={22} />
              </span>
              <span>
                <strong className="block font-semibold">{t(point)}</strong>
                <span className="text-white/80">{t(`${point}Text`)}</span>
              </span>
            </li>
          ))}
        </ul>
        <p>
          <Link
            to="/marketplace"
            className="inline-flex items-center gap-2 rounded-md font-medium underline underline-offset-4"
          >
            {t('auth.look')} <Icon name="next" />
          </Link>
        </p>
      </aside>
    </div>
  )
}
