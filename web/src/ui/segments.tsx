interface SegmentsProps<V extends string> {
  /** What is chosen here, for screen readers. */
  label: string
  /** `title` says what a short label means. */
  options: readonly { value: V; label: string; title?: string }[]
  value: V
  onChange: (value: V) => void
}

/** One of a few, all of which are seen: a range of time, a sort. */
export function Segments<V extends string>({ label, options, value, onChange }: SegmentsProps<V>) {
  return (
    <fieldset className="inline-flex max-w-full overflow-x-auto rounded-md border border-line-strong bg-surface p-0.5">
      <legend className="sr-only">{label}</legend>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          title={option.title}
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
          className="min-h-8 min-w-10 rounded-sm px-2.5 text-sm whitespace-nowrap text-soft tabular-nums -outline-offset-2 hover:text-ink aria-pressed:bg-accent-soft aria-pressed:font-medium aria-pressed:text-accent-ink"
        >
          {option.label}
        </button>
      ))}
    </fieldset>
  )
}
