import { Dialog as Base } from '@base-ui/react/dialog'
import { type FormEvent, type ReactNode, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button, IconButton } from './button.tsx'
import { isSame } from './digits.ts'
import { Input } from './field.tsx'

interface DialogProps {
  open: boolean
  onClose: () => void
  title: string
  text?: ReactNode
  children: ReactNode
  wide?: boolean
  /** From the side: for details beside a list. */
  side?: boolean
}

/**
 * A window over the page: it holds the focus, Escape or a press beside it closes it, and the focus goes back to where it
 * was. Once something is typed into its form only its buttons close it; and what happens above it, in a modal dialog of
 * the browser, never does.
 */
export function Dialog({ open, onClose, title, text, children, wide = false, side = false }: DialogProps) {
  const { t } = useTranslation()
  const popup = useRef<HTMLDivElement>(null)
  /** Where one begins to write, else the window itself; never the button that closes it. */
  const first = () => popup.current?.querySelector<HTMLElement>('input, select, textarea') ?? popup.current
  const typed = useRef<Element>(null)
  const onInput = ({ target, currentTarget }: FormEvent) => {
    if ((target as Element).closest('form')) typed.current = currentTarget
  }
  const onOpenChange = (next: boolean) => {
    const isKept = popup.current !== null && typed.current === popup.current
    if (!next && !isKept && !document.querySelector('dialog:modal')) onClose()
  }
  const place = side
    ? 'inset-y-0 end-0 w-full max-w-xl overflow-y-auto'
    : `start-1/2 top-1/2 max-h-[calc(100dvh-2rem)] w-[calc(100vw-2rem)] -translate-1/2 overflow-y-auto rounded-xl rtl:translate-x-1/2 ${wide ? 'max-w-3xl' : 'max-w-lg'}`
  return (
    <Base.Root open={open} onOpenChange={onOpenChange}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-black/40" />
        <Base.Popup
          ref={popup}
          initialFocus={first}
          onInput={onInput}
          className={`fixed z-50 animate-rise border border-line bg-surface p-6 shadow-high ${place}`}
        >
          <div className="mb-4 flex items-start justify-between gap-4">
            <div className="min-w-0">
              <Base.Title className="text-lg font-semibold">{title}</Base.Title>
              {text && <Base.Description className="mt-1 text-soft">{text}</Base.Description>}
            </div>
            <IconButton icon="close" label={t('close')} onClick={onClose} className="-me-2 -mt-1" />
          </div>
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}

interface ConfirmProps {
  open: boolean
  onClose: () => void
  title: string
  text: ReactNode
  /** What the button says: the deed, not "OK". */
  action: string
  /** To be typed first: for money and destruction. */
  word?: string
  busy?: boolean
  /** Shown when the deed was refused. */
  failure?: ReactNode
  /** What is to be chosen first. */
  children?: ReactNode
  onConfirm: () => void
}

export function Confirm({
  open,
  onClose,
  title,
  text,
  action,
  word,
  busy = false,
  failure,
  children,
  onConfirm,
}: ConfirmProps) {
  const { t } = useTranslation()
  const [typed, setTyped] = useState('')
  const ready = word === undefined || isSame(typed, word)
  return (
    <Dialog open={open} onClose={onClose} title={title} text={text}>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (ready && !busy) onConfirm()
        }}
      >
        {children}
        {word !== undefined && (
          <div>
            <ToType word={word} />
            <Input
              label={action}
              value={typed}
              autoComplete="off"
              dir="auto"
              onChange={(event) => setTyped(event.target.value)}
            />
          </div>
        )}
        {failure}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button type="submit" look="danger" disabled={!ready} busy={busy}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

/** Says what is to be typed. */
export function ToType({ word }: { word: string }) {
  const { t } = useTranslation()
  const [before, after] = t('typeToConfirm', { word: '\n' }).split('\n')
  return (
    <p className="mb-2 text-sm">
      {before}
      <code className="font-semibold rtl:font-sans">{word}</code>
      {after}
    </p>
  )
}
