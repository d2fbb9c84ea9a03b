import { createHash } from 'node:crypto'

/** A page and the policy under which a browser may show it. */
export interface Page {
  html: string
  headers: Record<string, string>
}

interface Extras {
  /** Code of the page's own; it may call where the page came from, and nobody else. */
  script?: string
  /** A column for a form, in the middle. */
  narrow?: boolean
}

/** One self-contained HTML page: nothing but its own style and script, by hash, may run. `body` is markup. */
export function page(title: string, body: string, { script, narrow = false }: Extras = {}): Page {
  const policy = [
    "default-src 'none'",
    `style-src ${sha256(STYLE)}`,
    ...(script ? [`script-src ${sha256(script)}`, "connect-src 'self'"] : []),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]
  return {
    html: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body${narrow ? ' class="narrow"' : ''}>
${body}
${script ? `<script>${script}</script>\n` : ''}</body>
</html>
`,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy.join('; '),
      'cache-control': 'no-cache',
    },
  }
}

const sha256 = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** Text as HTML shows it. */
export const escaped = (text: string) =>
  text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --paper: #fff; --tint: #f6f8fa;
  --link: #0550ae; --go: #116329; --bad: #b3261e; font: 16px/1.55 system-ui, sans-serif }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9aa4af; --line: #30363d; --paper: #0d1117;
  --tint: #161b22; --link: #79b8ff; --go: #7ee787; --bad: #ff9a8f } }
* { box-sizing: border-box }
html { scroll-behavior: smooth; scroll-padding-top: 1rem }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto } }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1.25rem 5rem; color: var(--ink); background: var(--paper) }
h1 small { color: var(--soft); font-size: 1rem; font-weight: 400 }
h2 { margin: 3rem 0 .5rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line) }
h3 { margin: 0; font-size: 1rem; overflow-wrap: anywhere }
h3 a { color: inherit; text-decoration: none }
a { color: var(--link) }
a:focus-visible, summary:focus-visible, input:focus-visible, button:focus-visible { outline: 3px solid var(--link); outline-offset: 2px }
nav a { display: inline-block; margin: 0 .8rem .2rem 0 }
article { margin: 1rem 0; padding: .9rem 1rem; border: 1px solid var(--line); border-radius: .5rem }
article:target { border-color: var(--link) }
article p { margin: .3rem 0 }
.facts { color: var(--soft); font-size: .875rem }
code, b[class] { font: .875em/1.5 ui-monospace, monospace }
b[class] { font-weight: 700; display: inline-block; min-width: 4.2em; color: var(--go) }
b.GET { color: var(--link) }
b.DELETE { color: var(--bad) }
summary { cursor: pointer; width: fit-content }
table { border-collapse: collapse; width: 100%; margin: .4rem 0; background: var(--tint) }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere }
th { font-weight: 400; width: 40% }
td { color: var(--soft) }
pre { padding: .8rem 1rem; overflow-x: auto; background: var(--tint); border-radius: .5rem }
.narrow { display: grid; align-content: center; min-height: 100vh; max-width: 27rem; padding-bottom: 2rem }
.narrow h1 { margin: 0 }
label { display: block; margin-top: 1.1rem; font-weight: 600 }
label small { color: var(--soft); font-weight: 400 }
input:not([type=checkbox]) { display: block; width: 100%; margin-top: .3rem; padding: .55rem .7rem; font: inherit;
  font-weight: 400; color: inherit; background: var(--tint); border: 1px solid var(--soft); border-radius: .4rem }
input[aria-invalid=true] { border-color: var(--bad) }
label.check { display: flex; gap: .5rem; align-items: center; font-weight: 400 }
button { width: 100%; margin-top: 1.4rem; padding: .65rem; font: inherit; font-weight: 600; cursor: pointer;
  color: var(--paper); background: var(--link); border: 0; border-radius: .4rem }
button:disabled { opacity: .6; cursor: progress }
output { display: block; margin-top: 1rem }
.wrong { color: var(--bad) }
span.wrong { display: block; margin-top: .25rem; font-size: .875rem; font-weight: 400 }
`
