import type { TFunction } from 'i18next'
import { signOut } from '../api/session.ts'
import { toast } from '../ui/toast.tsx'

/** Signs out, or says that this has failed. */
export const leave = (t: TFunction): Promise<void> =>
  signOut().catch((error: unknown) =>
    toast(t('auth.signOutFailed'), { meaning: 'bad', error, retry: () => void leave(t) }),
  )
