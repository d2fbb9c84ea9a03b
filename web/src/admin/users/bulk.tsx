import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { call } from '../../api/client.ts'
import { refresh } from '../../api/query.ts'
import { Button } from '../../ui/button.tsx'
import { Confirm } from '../../ui/dialog.tsx'
import { useProblemText } from '../../ui/problem.ts'
import { Failure } from '../../ui/states.tsx'
import { toast } from '../../ui/toast.tsx'

/** The most that the server changes at once. */
const AT_ONCE = 100

/** @returns those that were changed, and what has stopped it before the end. */
async function setActive(ids: readonly number[], isActive: boolean) {
  const changed: number[] = []
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    try {
      const body = { ids: ids.slice(from, from + AT_ONCE), is_active: isActive }
      changed.push(...(await call('POST /api/admin/users/bulk-status', { body })).changed)
    } catch (error) {
      // What was done stays done, and can be undone.
      if (changed.length === 0) throw error
      return { changed, error }
    }
  }
  return { changed, error: null }
}

const seen = () =>
  refresh('GET /api/admin/users', 'GET /api/admin/users/{id}', 'GET /api/admin/users/{id}/timeline')

/** What can be done with the chosen users; deactivating is typed, and can be undone for some seconds. */
export function Bulk({ ids, onDone }: { ids: ReadonlySet<number>; onDone: () => void }) {
  const { t } = useTranslation('admin')
  const words = useProblemText()
  const [asking, setAsking] = useState(false)
  const count = ids.size
  const change = useMutation({
    mutationFn: (isActive: boolean) => setActive([...ids], isActive),
    onSettled: seen,
    onSuccess: ({ changed, error: stopped }, isActive) => {
      const undo = async () => {
        try {
          const { error } = await setActive(changed, !isActive)
          if (error) throw error
          toast(t('users.undone'))
        } catch (error) {
          toast(words(error), { meaning: 'bad' })
        } finally {
          await seen()
        }
      }
      const text = t(isActive ? 'users.activated' : 'users.deactivated', { count: changed.length })
      if (stopped) toast(words(stopped), { meaning: 'bad' })
      toast(text, changed.length > 0 ? { undo: () => void undo() } : {})
      setAsking(false)
      onDone()
    },
  })
  return (
    <div
      role="toolbar"
      aria-label={t('users.bulk')}
      className="flex flex-wrap items-center gap-2 border-b border-line bg-accent-soft px-3 py-2"
    >
      <p className="me-auto ps-2 font-medium text-accent-ink" role="status">
        {t('users.chosen', { count })}
      </p>
      <Button size="sm" busy={change.isPending} onClick={() => change.mutate(true)}>
        {t('users.activate')}
      </Button>
      <Button size="sm" look="danger" onClick={() => setAsking(true)}>
        {t('users.deactivate')}
      </Button>
      <Button size="sm" look="quiet" onClick={onDone}>
        {t('users.unchoose')}
      </Button>
      {change.isError && !asking && <Failure error={change.error} />}
      {asking && (
        <Confirm
          open
          onClose={() => setAsking(false)}
          title={t('users.deactivateTitle', { count })}
          text={t('users.deactivateText')}
          action={t('users.deactivate')}
          word={String(count)}
          busy={change.isPending}
          failure={change.isError && <Failure error={change.error} />}
          onConfirm={() => change.mutate(false)}
        />
      )}
    </div>
  )
}
