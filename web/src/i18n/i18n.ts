import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import type { admin } from './en/admin.ts'
import type { common } from './en/common.ts'
import type { panel } from './en/panel.ts'
import type { performance } from './en/performance.ts'

export type Language = 'en' | 'fa'

/** Texts by area, so that customers never download those of staff. Each file exports its area's name. */
const AREAS = {
  common: {
    en: () => import('./en/common.ts').then((texts) => texts.common),
    fa: () => import('./fa/common.ts').then((texts) => texts.common),
  },
  panel: {
    en: () => import('./en/panel.ts').then((texts) => texts.panel),
    fa: () => import('./fa/panel.ts').then((texts) => texts.panel),
  },
  admin: {
    en: () => import('./en/admin.ts').then((texts) => texts.admin),
    fa: () => import('./fa/admin.ts').then((texts) => texts.admin),
  },
  performance: {
    en: () => import('./en/performance.ts').then((texts) => texts.performance),
    fa: () => import('./fa/performance.ts').then((texts) => texts.performance),
  },
}
export type Area = keyof typeof AREAS

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common'
    resources: {
      common: typeof common
      panel: typeof panel
      admin: typeof admin
      performance: typeof performance
    }
  }
}

const loaded = new Set<Area>(['common'])

/** Whose texts are meant on the page that is shown, first those of the nearest one. */
export const presentAreas = (): Area[] =>
  location.pathname.startsWith('/admin') ? ['performance', 'admin', 'panel'] : ['panel']

export const language = (): Language => (document.documentElement.lang === 'fa' ? 'fa' : 'en')

async function fetchArea(lang: Language, area: Area) {
  if (!i18next.hasResourceBundle(lang, area)) i18next.addResourceBundle(lang, area, await AREAS[area][lang]())
}

/** Letters that are written in the other direction than the language, and Latin figures among Persian words. */
const FOREIGN: Record<Language, RegExp> = {
  en: /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/,
  fa: /[A-Za-z0-9\u00c0-\u024f]/,
}
/** What a text is filled with keeps its own direction, and leaves that of the words around it alone. */
const isolated = (value: string) => (FOREIGN[language()].test(value) ? `\u2068${value}\u2069` : value)

/** Before the first render: boot.ts has already said which language. */
export async function startI18n() {
  const lang = language()
  await i18next.use(initReactI18next).init({
    lng: lang,
    fallbackLng: false,
    defaultNS: 'common',
    resources: {},
    interpolation: { escape: isolated },
    react: { bindI18nStore: 'added' },
  })
  await fetchArea(lang, 'common')
}

/** Before a page of that area is shown. */
export async function loadArea(...areas: Area[]) {
  for (const area of areas) loaded.add(area)
  await Promise.all(areas.map((area) => fetchArea(language(), area)))
}

/** Changes the language without a reload, so that nothing typed is lost; remembered in this browser. */
export async function setLanguage(lang: Language) {
  await Promise.all([...loaded].map((area) => fetchArea(lang, area)))
  document.documentElement.lang = lang
  document.documentElement.dir = lang === 'fa' ? 'rtl' : 'ltr'
  try {
    localStorage.setItem('zimmer.language', lang)
  } catch {
    // Not remembered where storage is off.
  }
  await i18next.changeLanguage(lang)
}
