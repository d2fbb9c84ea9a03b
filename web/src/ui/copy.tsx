import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from './icons.tsx'

const SAID_MS = 1_500

/** A page that came without TLS has no clipboard, and copies what is selected in a field, as browsers always could. */
async function copyText(text: string, near: Element): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const before = document.activeElement
    const field = document.createElement('textarea')
    field.value = text
    field.className = 'sr-only'
    // Beside the button: a window keeps the focus inside.
    near.after(field)
    field.select()
    const isCopied = document.execCommand('copy')
    field.remove()
    if (before instanceof HTMLElement) before.focus()
    return isCopied
  }
}

/** What has become of the last attempt; where nothing could be copied, the text is selected for the person to do it. */
function useCopy(text: string) {
  const { t } = useTranslation()
  const [state, setState] = useState<'copied' | 'selected' | null>(null)
  const code = useRef<HTMLElement>(null)
  useEffect(() => {
    if (state === 'selected' && code.current) getSelection()?.selectAllChildren(code.current)
    if (state !== 'copied') return
    const timer = setTimeout(() => setState(null), SAID_MS)
    return () => clearTimeout(timer)
  }, [state])
  const copy = async (near: Element) => setState((await copyText(text, near)) ? 'copied' : 'selected')
  return { state, copy, code, words: state === null ? '' : t(state) }
}

/** An id or a code, left to right in any language, and a button that copies it. */
export function Copy({ text, label, shown = text }: { text: string; label: string; shown?: string }) {
  const { t } = useTranslation()
  const { state, copy, code, words } = useCopy(text)
  const isSelected = state === 'selected'
  return (
    <span
      className={`inline-flex max-w-full items-center gap-1 align-bottom ${isSelected ? 'flex-wrap' : ''}`}
    >
      <code ref={code} className={`min-w-0 text-[0.875em] ${isSelected ? '' : 'truncate'}`}>
        {isSelected ? text : shown}
      </code>
      <button
        type="button"
        aria-label={t('copyNamed', { what: label })}
        onClick={(event) => void copy(event.currentTarget)}
        className="inline-flex size-7 shrink-0 items-center justify-center rounded-md text-soft hover:bg-line/60 hover:text-ink"
      >
        <Icon name={state === 'copied' ? 'check' : 'copy'} size={15} />
      </button>
      <span role="status" className={isSelected ? 'text-sm text-soft' : 'sr-only'}>
        {words}
      </span>
    </span>
  )
}

/** Several lines to copy: a command, a snippet. */
export function CodeBlock({ text, label }: { text: string; label: string }) {
  const { t } = useTranslation()
  const { state, copy, code, words } = useCopy(text)
  return (
    <div className="relative min-w-0" dir="ltr">
      <section
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
        tabIndex={0}
        className="overflow-x-auto rounded-lg bg-sunken p-4 pe-12 text-[0.8125rem] leading-relaxed"
      >
        <pre>
          <code ref={code}>{text}</code>
        </pre>
      </section>
      <button
        type="button"
        aria-label={t('copyNamed', { what: label })}
        onClick={(event) => void copy(event.currentTarget)}
        className="absolute top-2 right-2 inline-flex size-8 items-center justify-center rounded-md bg-sunken text-soft hover:bg-line"
      >
        <Icon name={state === 'copied' ? 'check' : 'copy'} size={16} />
      </button>
      <p role="status" dir="auto" className={state === 'selected' ? 'mt-1 text-sm text-soft' : 'sr-only'}>
        {words}
      </p>
    </div>
  )
}
