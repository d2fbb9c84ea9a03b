import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { forget, type Session } from '../api/session.ts'
import { Button } from '../ui/button.tsx'
import { Brand } from './brand.tsx'
import { SignInForm } from './sign-in-form.tsx'

/**
 * Over a page whose session has ended. The page stays as it was behind it, with all that was typed, but can be neither
 * seen nor used; after signing in it goes on.
 */
export function Ended({ session }: { session: Extract<Session, { userId: number }> }) {
  const { t } = useTranslation()
  const box = useRef<HTMLDivElement>(null)
  const leave = () => {
    forget()
    location.assign('/login')
  }
  useEffect(() => box.current?.querySelector('input')?.focus(), [])
  return (
    <div
      ref={box}
      role="alertdialog"
      aria-modal="true"
      aria-labelledby="ended-title"
      aria-describedby="ended-text"
      className="fixed inset-0 z-50 grid place-items-center overflow-y-auto bg-ground p-4"
    >
      <div className="w-full max-w-md rounded-xl border border-line bg-surface p-6 shadow-high">
        <Brand />
        <h1 id="ended-title" className="mt-4 text-xl font-semibold">
          {t('auth.endedTitle')}
        </h1>
        <p id="ended-text" className="mt-1 mb-5 text-soft">
          {t('auth.endedText')}
        </p>
        <SignInForm onDone={({ userId }) => userId !== session.userId && location.assign('/')} />
        <div className="mt-4">
          <Button look="quiet" size="sm" onClick={leave}>
            {t('auth.otherUser')}
          </Button>
        </div>
      </div>
    </div>
  )
}
