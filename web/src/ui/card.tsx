import type { ReactNode } from 'react'
import { Icon, type IconName } from './icons.tsx'

/** The head of a page: what it is, a sentence about it, what can be done. */
export function PageHead({
  title,
  text,
  actions,
}: {
  title: ReactNode
  text?: ReactNode
  actions?: ReactNode
}) {
  return (
    <header className="mb-6 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        <h1 tabIndex={-1} className="min-h-8 text-2xl leading-8 font-semibold tracking-tight outline-none">
          {title}
        </h1>
        {text && <p className="mt-1 max-w-prose text-soft">{text}</p>}
      </div>
      {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
    </header>
  )
}

interface CardProps {
  title?: ReactNode
  text?: ReactNode
  actions?: ReactNode
  children: ReactNode
  className?: string
  /** Without space around the content: for tables. */
  flush?: boolean
}

export function Card({ title, text, actions, children, className = '', flush = false }: CardProps) {
  return (
    <section className={`min-w-0 rounded-xl border border-line bg-surface shadow-card ${className}`}>
      {(title || actions) && (
        <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 px-5 pt-4">
          <div className="min-w-0">
            {title && <h2 className="text-base font-semibold">{title}</h2>}
            {text && <p className="text-sm text-soft">{text}</p>}
          </div>
          {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
        </div>
      )}
      <div className={!flush ? 'p-5' : title || actions ? 'mt-3' : ''}>{children}</div>
    </section>
  )
}

/** One figure and what it is. */
export function Stat({
  label,
  value,
  note,
  icon,
}: {
  label: string
  value: ReactNode
  note?: ReactNode
  icon?: IconName
}) {
  return (
    <div className="min-w-0 rounded-xl border border-line bg-surface p-4 shadow-card sm:p-5">
      <p className="flex items-center gap-2 text-sm text-soft">
        {icon && <Icon name={icon} size={16} />}
        {label}
      </p>
      <div className="@container mt-1 min-h-9 text-3xl leading-9 font-semibold tracking-tight tabular-nums">
        {typeof value === 'string' ? <Figure text={value} /> : value}
      </div>
      <div className="mt-1 min-h-6 text-sm text-soft">{note}</div>
    </div>
  )
}

/** In one line, as large as the place for it allows: millions have to fit on a phone, too. */
const Figure = ({ text }: { text: string }) => (
  <span className="whitespace-nowrap" style={{ fontSize: `min(1em, ${Math.floor(160 / text.length)}cqi)` }}>
    {text}
  </span>
)

export type Meaning = 'good' | 'warn' | 'bad' | 'info' | 'plain'

const MEANINGS: Record<Meaning, { look: string; icon: IconName | null }> = {
  good: { look: 'bg-good-soft text-good', icon: 'check' },
  warn: { look: 'bg-warn-soft text-warn', icon: 'alert' },
  bad: { look: 'bg-bad-soft text-bad', icon: 'close' },
  info: { look: 'bg-accent-soft text-accent-ink', icon: null },
  plain: { look: 'bg-sunken text-soft', icon: null },
}

/** A state: its meaning in colour, in a sign, and in words. */
export function Badge({ meaning = 'plain', children }: { meaning?: Meaning; children: ReactNode }) {
  const { look, icon } = MEANINGS[meaning]
  return (
    <span
      className={`inline-flex max-w-full items-center gap-1 rounded-full px-2.5 py-0.5 text-[0.8125rem] font-medium whitespace-nowrap ${look}`}
    >
      {icon && <Icon name={icon} size={14} />}
      {children}
    </span>
  )
}

/** A note across the page. */
export function Note({ meaning = 'info', children }: { meaning?: Meaning; children: ReactNode }) {
  const { look, icon } = MEANINGS[meaning]
  return (
    <div className={`flex items-start gap-2.5 rounded-lg px-4 py-3 ${look}`}>
      <Icon name={icon ?? 'info'} className="mt-1" />
      <div className="min-w-0">{children}</div>
    </div>
  )
}

/** Pairs of what and how much. */
export function Facts({ items }: { items: readonly { label: string; value: ReactNode }[] }) {
  return (
    <dl className="grid gap-x-6 gap-y-2 grid-cols-[max-content_minmax(0,1fr)]">
      {items.map(({ label, value }) => (
        <div key={label} className="contents">
          <dt className="text-soft">{label}</dt>
          <dd className="min-w-0">{value}</dd>
        </div>
      ))}
    </dl>
  )
}
