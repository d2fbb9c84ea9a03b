import type { Page } from 'playwright-core'

const AXE = await Bun.file(new URL(import.meta.resolve('axe-core/axe.min.js'))).text()
const RULES = {
  type: 'tag',
  values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
}
const COLOURS = { type: 'rule', values: ['color-contrast'] }

interface Finding {
  id: string
  nodes: { html: string; failureSummary?: string }[]
}

/** What axe finds on the page as it is. Another theme changes colours alone: `everything` is asked once. */
export async function findings(page: Page, everything = true): Promise<string[]> {
  if (await page.evaluate('!window.axe')) await page.evaluate(AXE)
  const options = { runOnly: everything ? RULES : COLOURS, resultTypes: ['violations'] }
  const { violations } = (await page.evaluate(
    `axe.run(document, ${JSON.stringify(options)}).then(({ violations }) => ({ violations }))`,
  )) as { violations: Finding[] }
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 200)).join('\n  ')}`,
  )
}
