import { type ReactNode, useLayoutEffect, useRef } from 'react'
import { createPortal } from 'react-dom'
import { useTranslation } from 'react-i18next'
import { forget, type Over } from '../api/session.ts'
import { Button } from '../ui/button.tsx'
import { Brand } from './brand.tsx'
import { SignInForm } from './sign-in-form.tsx'

interface EndedProps {
  session: Over
  /** What is said of the connection and of what was done: nothing below this is seen or heard. */
  children: ReactNode
}

/**
 * Over a page whose session is over. The page stays as it was below it, with its windows and all that was typed, but
 * can be neither seen nor used: a modal dialog of the browser is above all else. After signing in it goes on.
 */
export function Ended({ session, children }: EndedProps) {
  const { t } = useTranslation()
  const box = useRef<HTMLDialogElement>(null)
  const leave = () => {
    forget()
    location.assign('/login')
  }
  // Before it is painted; closing gives the focus back to where somebody was.
  useLayoutEffect(() => {
    const dialog = box.current
    dialog?.showModal()
    dialog?.querySelector('input')?.focus()
    return () => dialog?.close()
  }, [])
  return createPortal(
    <dialog
      ref={box}
      role="alertdialog"
      aria-labelledby="ended-title"
      aria-describedby="ended-text"
      closedby="none"
      className="m-0 flex size-full max-h-none max-w-none overflow-y-auto bg-ground p-4 text-ink"
    >
      <div className="m-auto w-full max-w-md rounded-xl border border-line bg-surface p-6 shadow-high">
        <Brand />
        <h1 id="ended-title" className="mt-4 text-xl font-semibold">
          {t(session.state === 'left' ? 'auth.signedOut' : 'auth.endedTitle')}
        </h1>
        <p id="ended-text" className="mt-1 mb-5 text-soft">
          {t(session.state === 'left' ? 'auth.signedOutText' : 'auth.endedText')}
        </p>
        <SignInForm onDone={({ userId }) => userId !== session.userId && location.assign('/')} />
        <div className="mt-4">
          <Button look="quiet" size="sm" onClick={leave}>
            {t('auth.otherUser')}
          </Button>
        </div>
      </div>
      {children}
    </dialog>,
    document.body,
  )
}
