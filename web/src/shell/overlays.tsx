import { type KeyboardEvent, useEffect, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Dialog } from '../ui/dialog.tsx'
import { Icon } from '../ui/icons.tsx'
import { type Command, useCommands, useOverlay } from './commands.ts'

interface OverlayProps {
  onClose: () => void
}

/** The palette and the sheet of shortcuts; downloaded when the page stands. */
export function Overlays({ onClose }: OverlayProps) {
  const overlay = useOverlay()
  if (overlay === 'palette') return <Palette onClose={onClose} />
  if (overlay === 'shortcuts') return <Shortcuts onClose={onClose} />
  return null
}

const ASK_AFTER_MS = 150

interface Answer {
  /** What was asked for: an answer is none to another text. */
  to: string
  records: readonly Command[]
  failed?: boolean
}

function useFound(text: string) {
  const { commands, find } = useCommands()
  const [answer, setAnswer] = useState<Answer>({ to: '', records: [] })
  const wanted = text.trim()
  const asks = find !== null && wanted.length >= 2
  useEffect(() => {
    if (!find || !asks) return
    const asking = new AbortController()
    const become = (next: Answer) => {
      if (!asking.signal.aborted) setAnswer(next)
    }
    const timer = setTimeout(() => {
      find(wanted, asking.signal).then(
        (records) => become({ to: wanted, records }),
        () => become({ to: wanted, records: [], failed: true }),
      )
    }, ASK_AFTER_MS)
    return () => {
      clearTimeout(timer)
      asking.abort()
    }
  }, [find, asks, wanted])
  const words = wanted.toLowerCase().split(/\s+/)
  const matches = commands.filter(({ label }) => words.every((word) => label.toLowerCase().includes(word)))
  const isAnswered = asks && answer.to === wanted
  const found = isAnswered ? [...matches, ...answer.records] : matches
  const state =
    asks && !isAnswered
      ? 'asking'
      : isAnswered && answer.failed
        ? 'failed'
        : found.length === 0
          ? 'nothing'
          : null
  return { found, state } as const
}

function Palette({ onClose }: OverlayProps) {
  const { t } = useTranslation()
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const { found, state } = useFound(text)
  const id = useId()
  const chosen = Math.min(at, found.length - 1)
  const run = (command: Command | undefined) => {
    if (!command) return
    onClose()
    command.run()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0) {
      event.preventDefault()
      setAt((chosen + step + found.length) % Math.max(1, found.length))
    } else if (event.key === 'Enter') {
      event.preventDefault()
      run(found[chosen])
    }
  }
  return (
    <Dialog open onClose={onClose} title={t('palette.title')}>
      <input
        role="combobox"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={found.length > 0 ? `${id}-${chosen}` : undefined}
        aria-label={t('palette.hint')}
        placeholder={t('palette.hint')}
        dir="auto"
        maxLength={100}
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          setAt(0)
        }}
        onKeyDown={onKeyDown}
        className="field"
      />
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label={t('palette.title')}
        className="mt-3 grid max-h-96 gap-0.5 overflow-y-auto"
      >
        {found.map((command, index) => (
          <Option
            key={command.id}
            id={`${id}-${index}`}
            command={command}
            chosen={index === chosen}
            first={found[index - 1]?.group !== command.group}
            onChoose={() => run(command)}
          />
        ))}
      </div>
      <p role="status" className={state ? 'py-4 text-center text-soft' : ''}>
        {state && t(`palette.${state}`, { text })}
      </p>
    </Dialog>
  )
}

interface OptionProps {
  id: string
  command: Command
  chosen: boolean
  /** Of its group: the group's name stands above it. */
  first: boolean
  onChoose: () => void
}

function Option({ id, command, chosen, first, onChoose }: OptionProps) {
  const { t } = useTranslation()
  return (
    <>
      {first && (
        <div role="presentation" className="px-3 pt-2 text-xs font-medium text-soft">
          {t(`palette.${command.group}`)}
        </div>
      )}
      {/* biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field, which names the active one */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: keys are the field's */}
      <div
        id={id}
        role="option"
        aria-selected={chosen}
        onClick={onChoose}
        ref={(element) => void (chosen && element?.scrollIntoView({ block: 'nearest' }))}
        className="flex cursor-pointer items-center gap-3 rounded-md px-3 py-2 hover:bg-sunken aria-selected:bg-accent-soft"
      >
        <Icon name={command.icon} className="text-soft" />
        <span className="min-w-0 truncate" dir="auto">
          {command.label}
        </span>
        {command.detail && (
          <span className="min-w-0 truncate text-sm text-soft" dir="auto">
            {command.detail}
          </span>
        )}
        {command.keys && <Keys keys={command.keys} />}
      </div>
    </>
  )
}

const Keys = ({ keys }: { keys: string }) => (
  <span className="ms-auto inline-flex gap-1" dir="ltr">
    {keys.split(' ').map((key, index) => (
      <kbd key={`${key}${index}`} className="rounded border border-line bg-sunken px-1.5 text-xs uppercase">
        {key}
      </kbd>
    ))}
  </span>
)

function Shortcuts({ onClose }: OverlayProps) {
  const { t } = useTranslation()
  const { commands } = useCommands()
  const mac = /Mac|iPhone|iPad/.test(navigator.platform)
  const rows = [
    { keys: mac ? '⌘ K' : 'Ctrl K', label: t('shortcuts.palette') },
    { keys: '?', label: t('shortcuts.sheet') },
    { keys: '/', label: t('shortcuts.search') },
    { keys: 'Esc', label: t('shortcuts.close') },
    ...commands.flatMap(({ keys, label, group }) =>
      keys ? [{ keys, label: group === 'pages' ? t('shortcuts.goTo', { page: label }) : label }] : [],
    ),
  ]
  return (
    <Dialog open onClose={onClose} title={t('shortcuts.title')}>
      <dl className="grid gap-2">
        {rows.map(({ keys, label }) => (
          <div key={keys} className="flex items-center gap-4 border-b border-line pb-2 last:border-b-0">
            <dt>{label}</dt>
            <dd className="ms-auto">
              <Keys keys={keys} />
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
