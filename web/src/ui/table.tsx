import { memo, type ReactNode, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from './icons.tsx'

export interface Column<R> {
  key: string
  head: string
  /** In the place of the words of `head`: a box that selects all, say. */
  headCell?: ReactNode
  cell: (row: R) => ReactNode
  /** Numbers stand at the end of their column. */
  numeric?: boolean
  sortable?: boolean
  /** A width, where figures that change must not move the columns beside them. */
  className?: string
  /** Not on phones: what matters less. */
  wide?: boolean
}

export interface Sort {
  key: string
  descending: boolean
}

interface TableProps<R> {
  /** What the table is about, for screen readers. */
  caption: string
  columns: readonly Column<R>[]
  rows: readonly R[]
  rowKey: (row: R) => string | number
  sort?: Sort
  onSort?: (sort: Sort) => void
  /** There are more rows than these, nobody knows how many. */
  goesOn?: boolean
  /** Below the last row. */
  foot?: ReactNode
  /** Less room between columns: for tables of many figures. */
  dense?: boolean
  /** Its rows scroll in a box of their own however few they are: for lists that grow while one reads. */
  scrolls?: boolean
}

const ROW_PX = 44
/** From here on only the rows in view are in the page. */
const WINDOW_FROM = 150
const MARGIN_ROWS = 8

/** A table that scrolls by itself where it is too wide or too long, so that the page never does sideways. */
export function Table<R>({
  caption,
  columns,
  rows,
  rowKey,
  sort,
  onSort,
  goesOn = false,
  foot,
  dense = false,
  scrolls = false,
}: TableProps<R>) {
  const windowed = rows.length > WINDOW_FROM
  const { box, first, count } = useWindow(rows.length, windowed)
  const boxed = windowed || scrolls
  const shown = windowed ? rows.slice(first, first + count) : rows
  return (
    <section
      ref={box}
      aria-label={caption}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
      tabIndex={0}
      className={`relative overflow-x-auto ${boxed ? 'max-h-[70dvh] overflow-y-auto' : ''}`}
    >
      <table
        className="w-full border-collapse text-start text-sm"
        aria-rowcount={goesOn ? -1 : windowed ? rows.length + 1 : undefined}
      >
        <caption className="sr-only">{caption}</caption>
        <thead className="sticky top-0 z-10 bg-surface">
          <tr className="border-b border-line">
            {columns.map((column) => (
              <Head key={column.key} column={column} sort={sort} onSort={onSort} dense={dense} />
            ))}
          </tr>
        </thead>
        <tbody>
          {windowed && <Space rows={first} columns={columns.length} />}
          {shown.map((row, index) => (
            <Row
              key={rowKey(row)}
              row={row}
              columns={columns}
              index={windowed ? first + index + 2 : undefined}
              dense={dense}
              boxed={boxed}
            />
          ))}
          {windowed && <Space rows={rows.length - first - shown.length} columns={columns.length} />}
        </tbody>
      </table>
      {foot}
    </section>
  )
}

interface RowProps<R> {
  row: R
  columns: readonly Column<R>[]
  index: number | undefined
  dense: boolean
  boxed: boolean
}

/** Kept while one scrolls: only the rows that come into view are made. */
const Row = memo(function Row<R>({ row, columns, index, dense, boxed }: RowProps<R>) {
  return (
    <tr aria-rowindex={index} className="h-11 border-b border-line last:border-b-0 hover:bg-sunken/60">
      {columns.map((column) => (
        <td
          key={column.key}
          className={`${dense ? 'px-2.5' : 'px-4'} py-1.5 first:ps-5 last:pe-5 ${boxed ? 'max-w-64 truncate' : ''} ${column.numeric ? 'text-end whitespace-nowrap tabular-nums' : 'text-start'} ${column.wide ? 'max-md:hidden' : ''} ${column.className ?? ''}`}
        >
          {column.cell(row)}
        </td>
      ))}
    </tr>
  )
}) as <R>(props: RowProps<R>) => ReactNode

function Space({ rows, columns }: { rows: number; columns: number }) {
  if (rows <= 0) return null
  return (
    <tr>
      <td colSpan={columns} style={{ height: rows * ROW_PX }} />
    </tr>
  )
}

function Head<R>({
  column,
  sort,
  onSort,
  dense,
}: {
  column: Column<R>
  sort: Sort | undefined
  onSort: ((sort: Sort) => void) | undefined
  dense: boolean
}) {
  const { t } = useTranslation()
  const sorted = sort?.key === column.key
  const align = column.numeric ? 'text-end' : 'text-start'
  const place = `${dense ? 'px-2.5' : 'px-4'} py-2 first:ps-5 last:pe-5 font-medium whitespace-nowrap text-soft ${align} ${column.wide ? 'max-md:hidden' : ''} ${column.className ?? ''}`
  if (!column.sortable || !onSort) {
    return (
      <th scope="col" className={place}>
        {column.headCell ?? column.head}
      </th>
    )
  }
  return (
    <th
      scope="col"
      className={place}
      aria-sort={sorted ? (sort.descending ? 'descending' : 'ascending') : 'none'}
    >
      <button
        type="button"
        title={t('sortBy', { what: column.head })}
        onClick={() =>
          onSort({ key: column.key, descending: sorted ? !sort.descending : Boolean(column.numeric) })
        }
        className="inline-flex items-center gap-1 rounded-sm font-medium hover:text-ink"
      >
        {column.head}
        <Icon
          name={sorted && !sort.descending ? 'up' : 'down'}
          size={14}
          className={sorted ? 'text-accent-ink' : 'opacity-35'}
        />
      </button>
    </th>
  )
}

/** Which rows are in view, from where the box is scrolled to. */
function useWindow(total: number, on: boolean) {
  const box = useRef<HTMLElement>(null)
  const [view, setView] = useState({ first: 0, count: 40 })
  useEffect(() => {
    const element = box.current
    if (!on || !element) return
    const look = () => {
      const first = Math.max(0, Math.floor(element.scrollTop / ROW_PX) - MARGIN_ROWS)
      const count = Math.ceil(element.clientHeight / ROW_PX) + 2 * MARGIN_ROWS
      setView((before) => (before.first === first && before.count === count ? before : { first, count }))
    }
    look()
    element.addEventListener('scroll', look, { passive: true })
    return () => element.removeEventListener('scroll', look)
  }, [on])
  return { box, first: Math.min(view.first, Math.max(0, total - view.count)), count: view.count }
}
