import { describe, number, type Plot, type Report, type Row } from './figures.ts'
import { chart } from './svg.ts'

// Reports in one file each: style and plots inside, no script, nothing from elsewhere.

const escaped = (text: unknown) =>
  String(text ?? '').replaceAll(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)

const STYLE = `
:root { color-scheme: light dark; --ink: #1d2430; --dim: #5b6675; --paper: #fff; --line: #d9dee6; --good: #11703b;
  --bad: #b3261e; --c0: #2f6fde; --c1: #c2570c; --c2: #0f7f6e; --c3: #8a3fc7; --c4: #7a6a00; --c5: #b0236a }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --dim: #9aa6b5; --paper: #14181f; --line: #323a46;
  --good: #5fce8f; --bad: #ff8a80; --c0: #7fb0ff; --c1: #ffab6b; --c2: #5fd6c2; --c3: #d3a1ff; --c4: #e0cf60; --c5: #ff93c4 } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto;
  max-width: 75rem; padding: 0 1rem }
h1 { font-size: 1.5rem; margin-bottom: .25rem } h2 { font-size: 1.1rem; margin-top: 2.5rem } p { color: var(--dim) }
.wide { overflow-x: auto } table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top }
th { color: var(--dim); font-weight: 600 } .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.pass { color: var(--good) } .missed { color: var(--bad); font-weight: 600 } .note { color: var(--dim); font-size: .87em }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(34rem, 100%), 1fr)); gap: 1.5rem }
figure { margin: 0 } figcaption { font-weight: 600 } svg { width: 100%; height: auto } svg text { fill: var(--dim); font-size: 12px }
.key span { margin-right: 1em; white-space: nowrap } .key i { display: inline-block; width: .8em; height: .8em;
  border-radius: 2px; margin-right: .35em }`

const page = (title: string, body: string) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title><style>${STYLE}</style></head><body>
${body}
</body></html>
`

/** One run: its table and its plots. */
export function asHtml(report: Report): string {
  const { rows, plots = [] } = report
  const judged = rows.filter(({ pass }) => pass !== null)
  const missed = judged.filter(({ pass }) => !pass).length
  const summary = judged.length === 0 ? '' : `${judged.length - missed} of ${judged.length} goals met. `
  return page(
    `Zimmer bench, ${report.started_at.slice(0, 10)}`,
    `<h1>Zimmer bench</h1><p>${summary}${escaped(whenAndWhere(report))}</p>
${tableOf(['figure', 'value', 'limit', 'unit', 'ratio', 'goal', '', 'spread', 'note'], rows.map(cellsOf))}
${plotsOf(plots)}`,
  )
}

const whenAndWhere = ({ started_at, machine }: Report) =>
  `${started_at.slice(0, 10)} at ${started_at.slice(11, 16)} UTC, on ${describe(machine)}.`

function cellsOf({ name, value, limit, unit, ratio, goal, pass, spread, note }: Row) {
  const verdict =
    pass === null ? '' : pass ? '<span class="pass">pass</span>' : '<span class="missed">MISSED</span>'
  return [
    escaped(name),
    number(value),
    limit === null ? '' : number(limit),
    escaped(unit),
    ratio === null ? '' : ratio.toFixed(2),
    escaped(goal),
    verdict,
    spread > 0 ? `${Math.round(spread * 100)} %` : '',
    `<span class="note">${escaped(note)}</span>`,
  ]
}

const NUMBERS = ['value', 'limit', 'ratio', 'spread', 'before', 'after', 'change']

function tableOf(headings: readonly string[], rows: readonly string[][]) {
  const kind = headings.map((heading) => (NUMBERS.includes(heading) ? ' class="n"' : ''))
  const line = (cells: readonly string[], tag: 'th' | 'td') =>
    `<tr>${cells.map((cell, at) => `<${tag}${kind[at]}>${cell}</${tag}>`).join('')}</tr>`
  return `<div class="wide"><table><thead>${line(headings, 'th')}</thead><tbody>
${rows.map((cells) => line(cells, 'td')).join('\n')}
</tbody></table></div>`
}

function plotsOf(plots: readonly Plot[]) {
  if (plots.length === 0) return ''
  return `<h2>Plots</h2><div class="plots">${plots.map(figureOf).join('\n')}</div>`
}

function figureOf(plot: Plot) {
  const key = plot.lines
    .map(({ name }, nth) => `<span><i style="background: var(--c${nth % 6})"></i>${escaped(name)}</span>`)
    .join('')
  return `<figure><figcaption>${escaped(plot.title)} (${escaped(plot.unit)})</figcaption>${chart(plot, escaped)}<div class="key">${key}</div></figure>`
}

export interface Change {
  name: string
  unit: string
  from: number | null
  to: number | null
  /** after / before − 1 */
  change: number | null
  /** No larger than the spread of the rounds. */
  isNoise: boolean
}

/** Figure by figure, by name; one that only one of them has comes with null. */
export function changes(before: Report, after: Report): Change[] {
  const names = [...new Set([...after.rows, ...before.rows].map(({ name }) => name))]
  return names.map((name) => {
    const from = before.rows.find((row) => row.name === name)
    const to = after.rows.find((row) => row.name === name)
    const change = from && to && from.value !== 0 ? to.value / from.value - 1 : null
    const noise = Math.max(from?.spread ?? 0, to?.spread ?? 0)
    return {
      name,
      unit: (to ?? from)?.unit ?? '',
      from: from?.value ?? null,
      to: to?.value ?? null,
      change,
      isNoise: change !== null && Math.abs(change) <= noise,
    }
  })
}

/** Two runs: what changed, and the plots of both in one where both have them. */
export function asComparison(before: Report, after: Report): string {
  const rows = changes(before, after).map(({ name, unit, from, to, change, isNoise }) => [
    escaped(name),
    from === null ? '' : number(from),
    to === null ? '' : number(to),
    escaped(unit),
    change === null ? '' : `${change > 0 ? '+' : ''}${(change * 100).toFixed(0)} %`,
    isNoise ? '<span class="note">within the spread</span>' : '',
  ])
  const plots = (after.plots ?? []).flatMap((plot): Plot[] => {
    const earlier = before.plots?.find(({ title }) => title === plot.title)
    if (!earlier) return []
    const named = (when: string, { lines }: Plot) =>
      lines.map((line) => ({ ...line, name: `${line.name}, ${when}` }))
    return [{ ...plot, lines: [...named('before', earlier), ...named('after', plot)] }]
  })
  return page(
    'Zimmer bench, two runs',
    `<h1>Zimmer bench: two runs</h1><p>Before: ${escaped(whenAndWhere(before))}<br>After: ${escaped(whenAndWhere(after))}</p>
${tableOf(['figure', 'before', 'after', 'unit', 'change', ''], rows)}
${plotsOf(plots)}`,
  )
}
