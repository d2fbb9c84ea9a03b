import { escaped, type Page, page } from './html.ts'
import { type Schema, templateOf } from './openapi.ts'
import type { Route } from './route.ts'

/** Every route for people: who may call, what goes in, what comes out. */
export function docsPage(routes: readonly Route[], version: string): Page {
  const tags = [...new Set(routes.map(({ tag }) => tag))]
  const links = tags.map((tag) => `<a href="#${slug(tag)}">${escaped(tag)}</a>`)
  const sections = tags.map(
    (tag) =>
      `<section aria-labelledby="${slug(tag)}"><h2 id="${slug(tag)}">${escaped(tag)}</h2>
${routes
  .filter((route) => route.tag === tag)
  .map(article)
  .join('\n')}</section>`,
  )
  return page(
    'Zimmer API',
    `<header><h1>Zimmer API <small>${escaped(version)}</small></h1>
<p>Times are ISO 8601 UTC, tokens and money whole numbers. Lists have pages: send <code>next_cursor</code> back as
<code>cursor</code>. Errors are <code>application/problem+json</code> with a stable <code>code</code>.
For programs: <a href="/openapi.json">openapi.json</a>.</p>
<nav aria-label="Sections">${links.join(' ')}</nav></header>
<main>
${sections.join('\n')}
</main>`,
  )
}

function article(route: Route) {
  const id = slug(`${route.method} ${route.path}`)
  const facts = [
    `Caller: ${route.caller.name}`,
    `target ${route.targetMs} ms`,
    route.limit && `at most ${route.limit.points} per ${route.limit.seconds} s and address`,
  ]
  const path = escaped(templateOf(route.path)).replaceAll('/', '/<wbr>')
  return `<article id="${id}">
<h3><a href="#${id}"><b class="${route.method}">${route.method}</b> <code>${path}</code></a></h3>
<p>${escaped(route.summary)}</p>
<p class="facts">${facts
    .filter(Boolean)
    .map((fact) => escaped(String(fact)))
    .join(' · ')}</p>
${table('In the path', route.params)}${table('Query', route.query)}${table('Body', route.body)}${reply(route)}</article>`
}

function reply({ reply: schema, produces, status = 200 }: Route) {
  if (schema) return table(`Reply ${status}`, schema)
  return `<p class="facts">Reply ${status}${produces ? `: <code>${escaped(produces)}</code>` : ', without a body'}</p>\n`
}

function table(caption: string, schema: Schema | undefined) {
  if (!schema) return ''
  const rows = rowsOf(schema, '', true)
  if (rows.length === 0) return `<p class="facts">${caption}: <code>${escaped(typeOf(schema))}</code></p>\n`
  const cells = rows.map(
    ({ name, type, needed, about }) =>
      `<tr><th scope="row"><code>${escaped(name).replaceAll(/[._]/g, '$&<wbr>')}</code></th><td>${escaped(type)}${
        needed ? '' : ' <i>optional</i>'
      }${about ? `<br>${escaped(about)}` : ''}</td></tr>`,
  )
  return `<details><summary>${caption}</summary><table>${cells.join('')}</table></details>\n`
}

interface Row {
  name: string
  type: string
  needed: boolean
  about: string
}

/** Nested fields by their path: `user.id`, `users[].email`. */
function rowsOf(schema: Schema, path: string, needed: boolean): Row[] {
  const all = schema as Schema & { items?: Schema; anyOf?: Schema[]; description?: string }
  const own = path ? [{ name: path, type: typeOf(schema), needed, about: all.description ?? '' }] : []
  if (all.items) return [...own, ...rowsOf(all.items, `${path}[]`, true).slice(path ? 1 : 0)]
  const inner = all.anyOf?.filter((one) => one.properties) ?? [all]
  const fields = inner.flatMap(({ properties = {}, required = [] }) =>
    Object.entries(properties).flatMap(([name, field]) =>
      rowsOf(field, path ? `${path}.${name}` : name, required.includes(name)),
    ),
  )
  return [...own, ...fields]
}

/** A schema in a few words: `integer ≥ 1`, `string or null`, `array of object`. */
export function typeOf(schema: Schema): string {
  const all = schema as Schema &
    Record<string, unknown> & { anyOf?: Schema[]; items?: Schema; enum?: unknown[] }
  if ('const' in all) return JSON.stringify(all.const)
  if (all.enum) return all.enum.map((value) => JSON.stringify(value)).join(' or ')
  if (all.anyOf) return all.anyOf.map(typeOf).join(' or ')
  if (all.items) return `array of ${typeOf(all.items)}${bounds(all.minItems, all.maxItems, ' items')}`
  if (all.type === 'string') return `string${all.format ? ` (${all.format})` : ''}${lengths(all)}`
  if (all.type === 'integer' || all.type === 'number')
    return `${all.type}${bounds(all.minimum, all.maximum, '')}`
  return all.type ?? 'anything'
}

const lengths = ({ minLength, maxLength }: Record<string, unknown>) =>
  bounds(minLength, maxLength, ' characters')

function bounds(min: unknown, max: unknown, unit: string) {
  const from = min === undefined || (unit && min === 0) ? '' : ` ≥ ${min}`
  const to = max === undefined || max === Number.MAX_SAFE_INTEGER ? '' : ` ≤ ${max}`
  return from || to ? `,${from}${from && to ? ' and' : ''}${to}${unit}` : ''
}

const slug = (text: string) =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
