import { page } from '../../http/html.ts'
import { EMAIL_MOST, NAME_MOST } from '../fields.ts'
import { PASSWORD_LEAST, PASSWORD_MOST } from '../password.ts'

const SCRIPT = `
const form = document.querySelector('form')
const output = document.querySelector('output')
const button = form.querySelector('button')
const token = new URLSearchParams(location.search).get('token') || ''

const say = (text, wrong = true) => {
  output.textContent = text
  output.className = wrong ? 'wrong' : ''
}

const mark = (errors) => {
  for (const input of form.querySelectorAll('input[name]')) {
    const error = errors.find(({ field }) => field === input.name)
    input.setAttribute('aria-invalid', String(Boolean(error)))
    document.getElementById(input.name + '-wrong').textContent = error ? input.dataset.label + ' ' + error.message : ''
  }
  form.querySelector('[aria-invalid=true]')?.focus()
}

const succeed = (email) => {
  history.replaceState(null, '', location.pathname)
  form.remove()
  document.querySelector('header p').remove()
  document.querySelector('#done').hidden = false
  say(email + ' is the first manager.', false)
}

form.show.addEventListener('change', () => {
  form.password.type = form.show.checked ? 'text' : 'password'
})

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  button.disabled = true
  say('')
  mark([])
  try {
    const response = await fetch('/api/setup', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        token, name: form.elements.name.value, email: form.email.value, password: form.password.value,
      }),
    })
    const reply = await response.json()
    if (response.ok) return succeed(reply.user.email)
    const errors = (reply.errors || []).filter(({ field }) => form.elements[field])
    mark(errors)
    if (errors.length === 0) say(reply.detail)
  } catch {
    say('Zimmer did not answer. Is it running?')
  } finally {
    button.disabled = false
  }
})

if (!token) {
  button.disabled = true
  say('This address has no token: open the whole link that Zimmer printed when it started.')
}
`

const field = (name: string, label: string, attributes: string, hint = '') =>
  `<label>${label}${hint && ` <small>${hint}</small>`}
<input name="${name}" data-label="${label}" aria-describedby="${name}-wrong" required ${attributes}>
<span class="wrong" id="${name}-wrong"></span></label>`

/** The form behind the link of the first start. */
export const setupPage = () =>
  page(
    'Set up Zimmer',
    `<header><h1>Set up Zimmer</h1>
<p>Make the account of the first manager, who may do everything: sell automations, see customers, invite staff.</p>
</header>
<main>
<form>
${field('name', 'Name', `autocomplete="name" maxlength="${NAME_MOST}"`)}
${field('email', 'Email', `type="email" autocomplete="username" maxlength="${EMAIL_MOST}"`)}
${field(
  'password',
  'Password',
  `type="password" autocomplete="new-password" minlength="${PASSWORD_LEAST}" maxlength="${PASSWORD_MOST}"`,
  `${PASSWORD_LEAST} characters or more`,
)}
<label class="check"><input type="checkbox" id="show"> Show the password</label>
<button>Make the first manager</button>
</form>
<output role="status" aria-live="polite"></output>
<p id="done" hidden>The link can't be used again. <a href="/">What to do next</a></p>
<noscript>This page needs JavaScript. Or run: zimmer admin create</noscript>
</main>`,
    { script: SCRIPT, narrow: true },
  )
