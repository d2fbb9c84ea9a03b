/**
 * Runs before the first paint, as a small classic script of its own (the policy allows no inline one): the right theme,
 * language and direction, so that nothing flashes, and what the page will need is asked for at once.
 */
declare const PRELOAD: {
  sections: Record<string, { scripts: string[]; en: string[]; fa: string[] }>
  persianFont: string
}

const root = document.documentElement

function stored(name: string): string | null {
  try {
    return localStorage.getItem(`zimmer.${name}`)
  } catch {
    // Storage that is turned off: nothing is remembered, everything works.
    return null
  }
}

function preload(href: string, rel: string, as?: string) {
  const link = document.createElement('link')
  link.rel = rel
  link.href = href
  if (as) {
    link.as = as
    link.type = 'font/woff2'
    link.crossOrigin = 'anonymous'
  }
  document.head.append(link)
}

const theme = stored('theme')
const dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
root.dataset['theme'] = dark ? 'dark' : 'light'

const wanted = stored('language') ?? navigator.languages.find((language) => /^(en|fa)\b/.test(language))
const language = wanted?.startsWith('fa') ? 'fa' : 'en'
root.lang = language
root.dir = language === 'fa' ? 'rtl' : 'ltr'

const role = stored('role')
const first = location.pathname.split('/')[1] ?? ''
const atDoor = role === null && first !== 'marketplace'
const ofStaff = role !== null && role !== 'customer' && (first === 'admin' || first === '')
const section = PRELOAD.sections[atDoor ? 'door' : ofStaff ? 'admin' : 'panel']
for (const href of [...(section?.[language] ?? []), ...(section?.scripts ?? [])])
  preload(href, 'modulepreload')
if (language === 'fa') preload(PRELOAD.persianFont, 'preload', 'font')

// Whoever was signed in is asked for a token while the scripts still come; api/session.ts takes the answer.
if (role !== null) {
  const ask = () => fetch('/api/auth/refresh', { method: 'POST' })
  const asked: Promise<Response> = navigator.locks ? navigator.locks.request('zimmer.refresh', ask) : ask()
  asked.catch(() => {})
  Object.assign(globalThis, { zimmerRefresh: asked })
}
