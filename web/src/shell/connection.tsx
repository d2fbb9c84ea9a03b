import { useEffect, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError } from '../api/client.ts'
import { queryClient } from '../api/query.ts'
import { onUnreached } from '../api/session.ts'
import { num } from '../i18n/format.ts'
import { Icon } from '../ui/icons.tsx'
import { toast } from '../ui/toast.tsx'

type State = { kind: 'well' | 'offline' | 'unreachable' } | { kind: 'busy'; seconds: number }

const LOOK_EVERY_MS = 2_000

let state: State = { kind: navigator.onLine ? 'well' : 'offline' }
const listeners = new Set<() => void>()

function become(next: State) {
  state = next
  for (const listener of listeners) listener()
}

/** What a failed request tells about the connection. */
function notice(error: unknown) {
  if (!(error instanceof ApiError)) return
  if (error.status === 0) become({ kind: navigator.onLine ? 'unreachable' : 'offline' })
  else if (error.status === 503) become({ kind: 'busy', seconds: error.retryAfterSeconds ?? 2 })
}

queryClient.getQueryCache().subscribe((event) => {
  if (event.type !== 'updated') return
  if (event.action.type === 'failed' || event.action.type === 'error') notice(event.action.error)
  else if (event.action.type === 'success' && state.kind !== 'well') become({ kind: 'well' })
})
queryClient.getMutationCache().subscribe((event) => {
  if (event.type !== 'updated') return
  if (event.action.type === 'failed' || event.action.type === 'error') notice(event.action.error)
})
onUnreached(() => become({ kind: navigator.onLine ? 'unreachable' : 'offline' }))
addEventListener('offline', () => become({ kind: 'offline' }))
addEventListener('online', () => become({ kind: 'unreachable' }))

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
    if (now.kind === 'well' || now.kind === 'offline') return
    const timer = setInterval(async () => {
      const reply = await fetch('/healthz').catch(() => null)
      if (!reply?.ok) return
      become({ kind: 'well' })
      toast(t('problem.back'))
      void queryClient.invalidateQueries()
    }, LOOK_EVERY_MS)
    return () => clearInterval(timer)
  }, [now, t])
  if (now.kind === 'well') return <div role="status" />
  const words =
    now.kind === 'busy'
      ? [t('problem.busy', { seconds: num(now.seconds) })]
      : [t(`problem.${now.kind}`), t(`problem.${now.kind}Text`)]
  return (
    <div role="status" className="fixed inset-x-0 bottom-20 z-50 grid justify-items-center px-4 md:bottom-6">
      <p className="flex max-w-xl animate-rise items-start gap-2.5 rounded-lg border border-warn bg-warn-soft px-4 py-2.5 text-warn shadow-high">
        <Icon name="wifi" className="mt-1" />
        <span>
          <strong className="font-semibold">{words[0]}</strong> {words[1]}
        </span>
      </p>
    </div>
  )
}
