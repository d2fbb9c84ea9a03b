import { useSyncExternalStore } from 'react'

export type Theme = 'light' | 'dark' | 'system'

const dark = matchMedia('(prefers-color-scheme: dark)')
const listeners = new Set<() => void>()

function stored(): Theme {
  try {
    const theme = localStorage.getItem('zimmer.theme')
    return theme === 'light' || theme === 'dark' ? theme : 'system'
  } catch {
    return 'system'
  }
}

let theme = stored()

function apply() {
  const isDark = theme === 'dark' || (theme === 'system' && dark.matches)
  document.documentElement.dataset['theme'] = isDark ? 'dark' : 'light'
  for (const listener of listeners) listener()
}

/** Follows the system, and the other tabs. */
export function followTheme() {
  dark.addEventListener('change', apply)
  addEventListener('storage', ({ key }) => {
    if (key !== 'zimmer.theme') return
    theme = stored()
    apply()
  })
}

/** Remembered in this browser, for all its tabs. */
export function setTheme(next: Theme) {
  theme = next
  try {
    localStorage.setItem('zimmer.theme', next)
  } catch {
    // Not remembered where storage is off.
  }
  apply()
}

export const toggleTheme = () =>
  setTheme(document.documentElement.dataset['theme'] === 'dark' ? 'light' : 'dark')

export const useTheme = () =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => theme,
  )
