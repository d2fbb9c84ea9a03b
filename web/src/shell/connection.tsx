import i18next from 'i18next'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError } from '../api/client.ts'
import { queryClient } from '../api/query.ts'
import { onUnreached } from '../api/session.ts'
import { num } from '../i18n/format.ts'
import { Icon } from '../ui/icons.tsx'
import { toast } from '../ui/toast.tsx'

/** `busy` and `limited`: the server has asked to be left alone until then. */
type State = { kind: 'well' | 'offline' | 'unreachable' } | { kind: 'busy' | 'limited'; untilMs: number }

const LOOK_EVERY_MS = 2_000
const TICK_MS = 250

let state: State = { kind: navigator.onLine ? 'well' : 'offline' }
const listeners = new Set<() => void>()

function become(next: State) {
  const wasGone = state.kind === 'offline' || state.kind === 'unreachable'
  state = next
  for (const listener of listeners) listener()
  if (!wasGone || next.kind !== 'well') return
  toast(i18next.t('problem.back'))
  void queryClient.invalidateQueries()
}

const gone = () => become({ kind: navigator.onLine ? 'unreachable' : 'offline' })

/** What a failed request tells about the connection. */
function notice(error: unknown) {
  if (!(error instanceof ApiError)) return
  const untilMs = Date.now() + (error.retryAfterSeconds ?? 2) * 1_000
  if (error.status === 0) gone()
  else if (error.status === 503) become({ kind: 'busy', untilMs })
  else if (error.status === 429) become({ kind: 'limited', untilMs })
}

queryClient.getQueryCache().subscribe((event) => {
  if (event.type !== 'updated') return
  if (event.action.type === 'failed' || event.action.type === 'error') notice(event.action.error)
  // What a page has put there itself tells nothing.
  else if (event.action.type === 'success' && !event.action.manual && state.kind !== 'well')
    become({ kind: 'well' })
})
queryClient.getMutationCache().subscribe((event) => {
  if (event.type !== 'updated') return
  if (event.action.type === 'failed' || event.action.type === 'error') {
    // A form says itself that it was sent too often.
    if (!(event.action.error instanceof ApiError && event.action.error.status === 429))
      notice(event.action.error)
  } else if (event.action.type === 'success' && state.kind !== 'well') become({ kind: 'well' })
})
onUnreached(notice)
addEventListener('offline', () => become({ kind: 'offline' }))
addEventListener('online', () => void look())

async function look() {
  const reply = await fetch('/healthz', { signal: AbortSignal.timeout(10_000) }).catch(() => null)
  if (reply?.ok) become({ kind: 'well' })
  else gone()
}

/** Says when the server can't be reached, asks until it can, and then has everything read again. */
export function Connection() {
  const { t } = useTranslation()
  const now = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => state,
  )
  useEffect(() => {
    if (now.kind !== 'unreachable') return
    const timer = setInterval(() => void look(), LOOK_EVERY_MS)
    return () => clearInterval(timer)
  }, [now.kind])
  if (now.kind === 'well') return <div role="status" />
  return (
    <div role="status" className="fixed inset-x-0 bottom-20 z-50 grid justify-items-center px-4 md:bottom-6">
      <p className="flex max-w-xl animate-rise items-start gap-2.5 rounded-lg border border-warn bg-warn-soft px-4 py-2.5 text-warn shadow-high">
        <Icon name="wifi" className="mt-1" />
        <span>
          <strong className="font-semibold">{t(`problem.${now.kind}`)}</strong>{' '}
          {'untilMs' in now ? <Countdown untilMs={now.untilMs} /> : t(`problem.${now.kind}Text`)}
        </span>
      </p>
    </div>
  )
}

/** Seen, and not read out each second. When nothing is waiting for its turn at the end, there is nothing to say. */
function Countdown({ untilMs }: { untilMs: number }) {
  const { t } = useTranslation()
  const secondsLeft = () => Math.max(0, Math.ceil((untilMs - Date.now()) / 1_000))
  const [seconds, setSeconds] = useState(secondsLeft)
  useEffect(() => {
    const timer = setInterval(() => {
      const left = Math.max(0, Math.ceil((untilMs - Date.now()) / 1_000))
      setSeconds(left)
      if (left === 0 && queryClient.isFetching() + queryClient.isMutating() === 0) become({ kind: 'well' })
    }, TICK_MS)
    return () => clearInterval(timer)
  }, [untilMs])
  return (
    <span aria-hidden="true">
      {seconds > 0 ? t('problem.againIn', { seconds: num(seconds) }) : t('problem.again')}
    </span>
  )
}
