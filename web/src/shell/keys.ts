import { registeredCommands, showOverlay } from './commands.ts'

const SEQUENCE_MS = 1_200

let before = ''
let beforeAt = 0

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

/** Shortcuts of the whole app: ⌘/Ctrl K, `?`, `/`, and those of the commands. */
export function listenToKeys() {
  addEventListener('keydown', (event) => {
    const isCovered = document.querySelector('dialog:modal, [role=dialog]') !== null
    if ((event.metaKey || event.ctrlKey) && event.code === 'KeyK') {
      event.preventDefault()
      if (!isCovered && registeredCommands().commands.length > 0) showOverlay('palette')
      return
    }
    if (isCovered || event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return
    const key = keyOf(event)
    if (key === '?') return showOverlay('shortcuts')
    if (key === '/') {
      const search = document.querySelector<HTMLElement>('[data-search]')
      if (search) event.preventDefault()
      return search?.focus()
    }
    const sequence = event.timeStamp - beforeAt < SEQUENCE_MS ? `${before} ${key}` : key
    const command = registeredCommands().commands.find(({ keys }) => keys === sequence || keys === key)
    before = key
    beforeAt = event.timeStamp
    if (command) {
      event.preventDefault()
      command.run()
    }
  })
}

/** The key by its place on a Latin keyboard, so that shortcuts work in the Persian layout too. */
const keyOf = (event: KeyboardEvent) =>
  event.shiftKey && event.code === 'Slash'
    ? '?'
    : event.code === 'Slash'
      ? '/'
      : event.code.startsWith('Key')
        ? event.code.slice(3).toLowerCase()
        : event.key
