import { useSyncExternalStore } from 'react'
import type { IconName } from '../ui/icons.tsx'

/** Something that the palette can do or go to. */
export interface Command {
  id: string
  label: string
  /** Beside the label: an email, an id. */
  detail?: string
  icon: IconName
  group: 'pages' | 'actions' | 'records'
  run: () => void
  /** `g u`, `t`: keys after each other, outside of text fields. */
  keys?: string
}

/** Records that match a text, asked of the server. */
export type Finder = (text: string, signal: AbortSignal) => Promise<Command[]>

interface Registered {
  commands: readonly Command[]
  find: Finder | null
}

let registered: Registered = { commands: [], find: null }
let open: 'palette' | 'shortcuts' | null = null
const listeners = new Set<() => void>()

const changed = () => {
  for (const listener of listeners) listener()
}
const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

const NOTHING: Registered = { commands: [], find: null }

/** A frame says what can be done in it. @returns takes it back: when the frame goes, nothing of it can be done. */
export function register(commands: readonly Command[], find: Finder | null = null) {
  const mine: Registered = { commands, find }
  registered = mine
  changed()
  return () => {
    if (registered !== mine) return
    registered = NOTHING
    changed()
  }
}

export const registeredCommands = () => registered
export const useCommands = () => useSyncExternalStore(subscribe, () => registered)

export const useOverlay = () => useSyncExternalStore(subscribe, () => open)
export function showOverlay(next: typeof open) {
  open = next
  changed()
}
