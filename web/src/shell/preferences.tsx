import { useTranslation } from 'react-i18next'
import { language, setLanguage } from '../i18n/i18n.ts'
import { IconButton } from '../ui/button.tsx'
import { Icon } from '../ui/icons.tsx'
import { toggleTheme, useTheme } from './theme.ts'

/** Two buttons for the corner of a page. */
export function ThemeAndLanguage() {
  const { t } = useTranslation()
  useTheme()
  const other = language() === 'fa' ? 'en' : 'fa'
  return (
    <div className="flex items-center">
      <button
        type="button"
        lang={other}
        onClick={() => void setLanguage(other)}
        className="inline-flex h-9 items-center gap-1.5 rounded-md px-2 text-sm text-soft hover:bg-line/60 hover:text-ink"
      >
        <Icon name="globe" />
        {t('language.switch')}
      </button>
      <IconButton
        icon={document.documentElement.dataset['theme'] === 'dark' ? 'sun' : 'moon'}
        label={t('theme.toggle')}
        onClick={toggleTheme}
      />
    </div>
  )
}
