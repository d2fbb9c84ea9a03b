import { useTranslation } from 'react-i18next'
import { clockSeconds } from '../../i18n/format.ts'
import { Button } from '../../ui/button.tsx'
import { Icon } from '../../ui/icons.tsx'

interface LiveProps {
  on: boolean
  onChange: (on: boolean) => void
  /** Milliseconds UTC of what is shown; 0 before anything is. */
  at: number
  /** The last question was not answered. */
  lost: boolean
}

/** Whether the page follows the server, and of when its figures are. A hidden tab asks nothing. */
export function Live({ on, onChange, at, lost }: LiveProps) {
  const { t } = useTranslation('performance')
  const state = lost ? 'lost' : on ? 'live' : 'paused'
  return (
    <div className="flex items-center gap-3">
      <p className="flex items-center gap-2 text-sm whitespace-nowrap text-soft tabular-nums">
        {lost ? (
          <Icon name="alert" size={16} className="text-bad" />
        ) : (
          <span className={`size-2 rounded-full ${on ? 'bg-good' : 'bg-line-strong'}`} aria-hidden="true" />
        )}
        <span className="font-medium text-ink" role="status">
          {t(`live.${state}`)}
        </span>
        <span className="min-w-24">{at > 0 ? t('live.at', { time: clockSeconds(at) }) : ''}</span>
      </p>
      <Button size="sm" icon={on ? 'pause' : 'play'} className="min-w-24" onClick={() => onChange(!on)}>
        {t(on ? 'live.pause' : 'live.resume')}
      </Button>
    </div>
  )
}
