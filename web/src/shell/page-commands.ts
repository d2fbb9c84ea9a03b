import type { TFunction } from 'i18next'
import { language, setLanguage } from '../i18n/i18n.ts'
import type { Command } from './commands.ts'
import type { NavItem } from './frame.tsx'
import { leave } from './leave.ts'
import { toggleTheme } from './theme.ts'

/** Each page of the navigation; `g` and a digit goes there. */
export const pageCommands = (items: readonly NavItem[], go: (to: string) => void): Command[] =>
  items.map(({ to, label, icon }, index) => ({
    id: to,
    label,
    icon,
    group: 'pages',
    run: () => go(to),
    ...(index < 9 ? { keys: `g ${index + 1}` } : {}),
  }))

/** What can be done on any page. */
export const actionsFor = (t: TFunction): Command[] => [
  { id: 'theme', label: t('theme.toggle'), icon: 'moon', group: 'actions', keys: 't', run: toggleTheme },
  {
    id: 'language',
    label: `${t('language.label')}: ${t('language.switch')}`,
    icon: 'globe',
    group: 'actions',
    run: () => void setLanguage(language() === 'fa' ? 'en' : 'fa'),
  },
  {
    id: 'sign-out',
    label: t('auth.signOut'),
    icon: 'exit',
    group: 'actions',
    run: () => void leave(t),
  },
]
