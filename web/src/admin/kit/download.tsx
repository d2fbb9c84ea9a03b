import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/button.tsx'
import { useProblemText } from '../../ui/problem.ts'
import { toast } from '../../ui/toast.tsx'

type File = { blob: Blob; name: string }

function save({ blob, name }: File) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}

export function CsvButton({ fetch, label }: { fetch: () => Promise<File>; label?: string }) {
  const { t } = useTranslation()
  const words = useProblemText()
  const saving = useMutation({
    mutationFn: fetch,
    onSuccess: save,
    onError: (error) => toast(words(error), { meaning: 'bad' }),
  })
  return (
    <Button icon="download" busy={saving.isPending} onClick={() => saving.mutate()}>
      {label ?? t('csv')}
    </Button>
  )
}
