import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from './icons.tsx'

/** An id or a code, left to right in any language, and a button that copies it. */
export function Copy({ text, label, shown = text }: { text: string; label: string; shown?: string }) {
  const { t } = useTranslation()
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    await navigator.clipboard?.writeText(text)
    setCopied(true)
    setTimeout(() => setCopied(false), 1_500)
  }
  return (
    <span className="inline-flex max-w-full items-center gap-1 align-bottom">
      <code className="min-w-0 truncate text-[0.875em]">{shown}</code>
      <button
        type="button"
        aria-label={copied ? t('copied') : t('copyNamed', { what: label })}
        onClick={() => void copy()}
        className="inline-flex size-7 shrink-0 items-center justify-center rounded-md text-soft hover:bg-line/60 hover:text-ink"
      >
        <Icon name={copied ? 'check' : 'copy'} size={15} />
      </button>
      <span role="status" className="sr-only">
        {copied ? t('copied') : ''}
      </span>
    </span>
  )
}

/** Several lines to copy: a command, a snippet. */
export function CodeBlock({ text, label }: { text: string; label: string }) {
  const { t } = useTranslation()
  const [copied, setCopied] = useState(false)
  return (
    <div className="relative min-w-0" dir="ltr">
      <section
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
        tabIndex={0}
        className="overflow-x-auto rounded-lg bg-sunken p-4 pe-12 text-[0.8125rem] leading-relaxed"
      >
        <pre>
          <code>{text}</code>
        </pre>
      </section>
      <button
        type="button"
        aria-label={copied ? t('copied') : t('copyNamed', { what: label })}
        onClick={() => void navigator.clipboard?.writeText(text).then(() => setCopied(true))}
        className="absolute top-2 right-2 inline-flex size-8 items-center justify-center rounded-md bg-sunken text-soft hover:bg-line"
      >
        <Icon name={copied ? 'check' : 'copy'} size={16} />
      </button>
    </div>
  )
}
