import { createHash } from 'node:crypto'

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { margin: 0; display: grid; place-items: center; min-height: 100vh }
main { width: min(24rem, calc(100vw - 3rem)) }
label, button { display: block; width: 100%; margin-top: 1rem }
input { box-sizing: border-box; width: 100%; margin-top: .25rem; padding: .5rem; font: inherit }
button { padding: .6rem; font: inherit; font-weight: 600; cursor: pointer }
output { display: block; margin-top: 1rem; min-height: 3em }
`

const SCRIPT = `
const form = document.querySelector('form')
const output = document.querySelector('output')
const token = new URLSearchParams(location.search).get('token') || ''
form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const button = form.querySelector('button')
  button.disabled = true
  output.textContent = ''
  try {
    const response = await fetch('/api/setup', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token, ...Object.fromEntries(new FormData(form)) }),
    })
    const reply = await response.json()
    if (response.ok) {
      form.remove()
      history.replaceState(null, '', location.pathname)
      output.textContent = reply.user.email + ' is the first manager, and signed in.'
    } else {
      output.textContent = reply.detail
    }
  } catch {
    output.textContent = 'Zimmer did not answer. Is it running?'
  }
  button.disabled = false
})
`

const sha256 = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** Nothing but this page's own style and script, and only calls to where it came from. */
export const SETUP_POLICY = [
  "default-src 'none'",
  `style-src ${sha256(STYLE)}`,
  `script-src ${sha256(SCRIPT)}`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The form behind the link of the first start. */
export const SETUP_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Set up Zimmer</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Set up Zimmer</h1>
<p>Make the first manager: whoever this is may do everything.</p>
<form>
<label>Name <input name="name" autocomplete="name" required maxlength="100"></label>
<label>Email <input name="email" type="email" autocomplete="username" required maxlength="254"></label>
<label>Password, 8 characters or more
<input name="password" type="password" autocomplete="new-password" minlength="8" maxlength="128" required>
</label>
<button>Make the first manager</button>
</form>
<output role="status" aria-live="polite"></output>
<noscript>This page needs JavaScript. Or run: zimmer admin create</noscript>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`
