import { useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { IconButton } from './button.tsx'
import { Icon } from './icons.tsx'

interface Toast {
  id: number
  text: string
  meaning: 'good' | 'bad'
  undo: (() => void) | undefined
}

const SHOWN_MS = 6_000
const UNDO_MS = 10_000

let toasts: readonly Toast[] = []
let last = 0
const listeners = new Set<() => void>()

function become(next: readonly Toast[]) {
  toasts = next
  for (const listener of listeners) listener()
}

const remove = (id: number) => become(toasts.filter((toast) => toast.id !== id))

/** Says what has happened, for some seconds; with `undo` it can be taken back meanwhile. */
export function toast(
  text: string,
  { meaning = 'good' as Toast['meaning'], undo = undefined as Toast['undo'] } = {},
) {
  last += 1
  const id = last
  become([...toasts.slice(-2), { id, text, meaning, undo }])
  setTimeout(() => remove(id), undo ? UNDO_MS : SHOWN_MS)
}

export function Toasts() {
  const { t } = useTranslation()
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
      {shown.map(({ id, text, meaning, undo }) => (
        <div
          key={id}
          className="pointer-events-auto flex max-w-full animate-rise items-center gap-3 rounded-lg bg-ink py-1.5 ps-4 pe-2 text-ground shadow-high"
        >
          <Icon name={meaning === 'good' ? 'check' : 'alert'} />
          <span className="min-w-0">{text}</span>
          {undo && (
            <button
              type="button"
              className="rounded-md px-2 py-1 font-semibold underline underline-offset-4"
              onClick={() => {
                remove(id)
                undo()
              }}
            >
              {t('undo')}
            </button>
          )}
          <IconButton
            icon="close"
            label={t('close')}
            onClick={() => remove(id)}
            className="text-ground hover:bg-soft hover:text-ground"
          />
        </div>
      ))}
    </div>
  )
}
