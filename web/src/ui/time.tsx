import { useSyncExternalStore } from 'react'
import { dayTime, exact, relative } from '../i18n/format.ts'
import { Tip } from './tip.tsx'

let now = Date.now()
const listeners = new Set<() => void>()
setInterval(() => {
  now = Date.now()
  for (const listener of listeners) listener()
}, 20_000)

const useNow = () =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => now,
  )

/** `3 minutes ago`, with the exact time on hover and on focus; `absolute` the other way round. */
export function Time({ at, absolute = false }: { at: string | number | Date; absolute?: boolean }) {
  const since = useNow()
  const instant = new Date(at)
  return (
    <Tip text={absolute ? relative(instant, since) : exact(instant)}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the exact time has to be reachable by keyboard */}
      <time dateTime={instant.toISOString()} tabIndex={0} className="whitespace-nowrap">
        {absolute ? dayTime(instant) : relative(instant, Math.max(since, instant.getTime()))}
      </time>
    </Tip>
  )
}
