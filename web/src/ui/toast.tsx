import { useEffect, useState, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError } from '../api/client.ts'
import { IconButton } from './button.tsx'
import { Copy } from './copy.tsx'
import { Icon } from './icons.tsx'

interface Toast {
  id: number
  text: string
  meaning: 'good' | 'bad'
  undo?: (() => void) | undefined
  /** Does again what has failed. */
  retry?: (() => void) | undefined
  /** What has failed, for its request id. */
  error?: unknown
}

const SHOWN_MS = 6_000
const UNDO_MS = 10_000
const MOST = 3

let toasts: readonly Toast[] = []
let last = 0
const listeners = new Set<() => void>()

function become(next: readonly Toast[]) {
  toasts = next
  for (const listener of listeners) listener()
}

const remove = (id: number) => become(toasts.filter((toast) => toast.id !== id))

/** Says what has happened, for some seconds; with `undo` it can be taken back meanwhile, however much happens. */
export function toast(
  text: string,
  { meaning = 'good', ...more }: Partial<Pick<Toast, 'meaning' | 'undo' | 'retry' | 'error'>> = {},
) {
  last += 1
  const kept = toasts.filter(({ undo }, index) => undo || index > toasts.length - MOST)
  become([...kept, { id: last, text, meaning, ...more }])
}

export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => toasts,
  )
  return (
    <div
      role="status"
      aria-live="polite"
      className="pointer-events-none fixed inset-x-0 bottom-20 z-50 grid justify-items-center gap-2 px-4 md:bottom-6"
    >
      {shown.map((one) => (
        <One key={one.id} toast={one} />
      ))}
    </div>
  )
}

function One({ toast: { id, text, meaning, undo, retry, error } }: { toast: Toast }) {
  const { t } = useTranslation()
  // It does not go while somebody reads it or is about to press it.
  const [held, setHeld] = useState({ pointer: false, focus: false })
  const isHeld = held.pointer || held.focus
  const hold = (change: Partial<typeof held>) => () => setHeld((before) => ({ ...before, ...change }))
  useEffect(() => {
    if (isHeld) return
    const timer = setTimeout(() => remove(id), undo || retry ? UNDO_MS : SHOWN_MS)
    return () => clearTimeout(timer)
  }, [id, isHeld, undo, retry])
  const action = undo ?? retry
  const requestId = error instanceof ApiError ? error.requestId : null
  return (
    <fieldset
      onMouseEnter={hold({ pointer: true })}
      onMouseLeave={hold({ pointer: false })}
      onFocus={hold({ focus: true })}
      onBlur={hold({ focus: false })}
      className="pointer-events-auto flex max-w-full min-w-0 animate-rise flex-wrap items-center gap-3 rounded-lg bg-ink py-1.5 ps-4 pe-2 text-ground shadow-high"
    >
      <Icon name={meaning === 'good' ? 'check' : 'alert'} />
      <span className="min-w-0 flex-[1_1_14rem]">{text}</span>
      {requestId && (
        <span className="rounded-md bg-surface px-2 text-ink">
          <Copy text={requestId} label={t('problem.requestId')} />
        </span>
      )}
      {action && (
        <button
          type="button"
          className="rounded-md px-2 py-1 font-semibold underline underline-offset-4"
          onClick={() => {
            remove(id)
            action()
          }}
        >
          {t(undo ? 'undo' : 'retry')}
        </button>
      )}
      <IconButton
        icon="close"
        label={t('close')}
        onClick={() => remove(id)}
        className="text-ground! hover:bg-soft"
      />
    </fieldset>
  )
}
