import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { IconButton } from './button.tsx'
import { type Column, Table } from './table.tsx'

/** The width there is, known after the first paint; the height of a chart is fixed, so nothing moves. */
export function useWidth() {
  const box = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  useEffect(() => {
    const element = box.current
    if (!element) return
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry?.contentRect.width ?? 0)))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return { box, width }
}

interface ChartBoxProps<R> {
  title: ReactNode
  text?: ReactNode
  /** What the table behind it is about. */
  caption: string
  columns: readonly Column<R>[]
  rows: readonly R[]
  rowKey: (row: R) => string | number
  actions?: ReactNode
  children: ReactNode
}

/** A chart in a card, and the same as a table for whoever would rather read it. */
export function ChartBox<R>({
  title,
  text,
  caption,
  columns,
  rows,
  rowKey,
  actions,
  children,
}: ChartBoxProps<R>) {
  const { t } = useTranslation()
  const [asTable, setAsTable] = useState(false)
  return (
    <section className="min-w-0 rounded-xl border border-line bg-surface shadow-card">
      <div className="flex items-start justify-between gap-4 px-5 pt-4">
        <div className="min-w-0">
          <h2 className="text-base font-semibold">{title}</h2>
          {text && <p className="text-sm text-soft">{text}</p>}
        </div>
        <div className="flex items-center gap-1">
          {actions}
          <IconButton
            icon={asTable ? 'chart' : 'table'}
            label={t(asTable ? 'chart' : 'table')}
            aria-pressed={asTable}
            onClick={() => setAsTable(!asTable)}
            className="-me-2"
          />
        </div>
      </div>
      {asTable ? (
        <div className="py-3">
          <Table caption={caption} columns={columns} rows={rows} rowKey={rowKey} />
        </div>
      ) : (
        <div className="p-5 pt-3">{children}</div>
      )}
    </section>
  )
}

/** Round numbers from 0 to at least `most`, for an axis. */
export function ticks(most: number, count = 4): number[] {
  if (most <= 0) return [0, 1]
  const rough = most / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? rough
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, index) => index * step)
}
