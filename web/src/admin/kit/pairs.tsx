import type { ReactNode } from 'react'

/** What and how much, a line each: for narrow cards. */
export const Pairs = ({ items }: { items: readonly { label: string; value: ReactNode }[] }) => (
  <dl className="grid gap-2">
    {items.map(({ label, value }) => (
      <div key={label} className="flex flex-wrap justify-between gap-x-4">
        <dt className="text-soft">{label}</dt>
        <dd className="min-w-0 text-end break-words">{value}</dd>
      </div>
    ))}
  </dl>
)
