import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/button.tsx'
import { Badge } from '../../ui/card.tsx'
import { Confirm } from '../../ui/dialog.tsx'
import { Failure } from '../../ui/states.tsx'
import type { Column } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'
import { ActiveBadge, UserCell } from '../kit/people.tsx'
import { useMay } from '../kit/role.ts'
import { useStanding } from '../user/change.ts'
import { EditStaff } from './edit.tsx'
import type { Member } from './member.ts'
import { RoleDialog } from './role.tsx'

type Deed = 'edit' | 'role' | 'standing'

/** The columns of staff accounts, and the windows that their buttons open. */
export function useStaffColumns() {
  const { t } = useTranslation('admin')
  const common = useTranslation().t
  const may = useMay()
  const [doing, setDoing] = useState<{ what: Deed; member: Member } | null>(null)
  const close = () => setDoing(null)
  const columns: Column<Member>[] = [
    {
      key: 'name',
      head: t('users.name'),
      cell: (member) => (
        <span className="flex items-center gap-2">
          <UserCell {...member} />
          {member.id === may.userId && <Badge meaning="info">{t('staff.you')}</Badge>}
        </span>
      ),
    },
    {
      key: 'role',
      head: t('users.role'),
      cell: ({ role }) => <span className="whitespace-nowrap">{common(`role.${role}`)}</span>,
    },
    {
      key: 'state',
      head: t('users.state'),
      wide: true,
      cell: ({ is_active }) => <ActiveBadge active={is_active} />,
    },
    {
      key: 'last',
      head: t('users.lastLogin'),
      wide: true,
      cell: ({ last_login_at }) => (last_login_at ? <Time at={last_login_at} /> : t('never')),
    },
    {
      key: 'do',
      head: t('edit'),
      headCell: <span className="sr-only">{t('edit')}</span>,
      cell: (member) => <Deeds member={member} onDo={(what) => setDoing({ what, member })} />,
    },
  ]
  const dialogs = doing && (
    <>
      {doing.what === 'edit' && <EditStaff member={doing.member} onClose={close} />}
      {doing.what === 'role' && <RoleDialog user={doing.member} onClose={close} />}
      {doing.what === 'standing' && <Deactivate member={doing.member} onClose={close} />}
    </>
  )
  return { columns, dialogs }
}

function Deeds({ member, onDo }: { member: Member; onDo: (what: Deed) => void }) {
  const { t } = useTranslation('admin')
  const standing = useStanding(member)
  const of = (what: string) => t('staff.of', { what, name: member.name })
  return (
    <span className="flex justify-end gap-1.5">
      <Button size="sm" aria-label={of(t('edit'))} onClick={() => onDo('edit')}>
        {t('edit')}
      </Button>
      <Button size="sm" aria-label={of(t('user.role'))} onClick={() => onDo('role')}>
        {t('user.role')}
      </Button>
      {member.is_active ? (
        <Button size="sm" aria-label={of(t('users.deactivate'))} onClick={() => onDo('standing')}>
          {t('users.deactivate')}
        </Button>
      ) : (
        <Button
          size="sm"
          busy={standing.isPending}
          aria-label={of(t('users.activate'))}
          onClick={() => standing.mutate(true)}
        >
          {t('users.activate')}
        </Button>
      )}
    </span>
  )
}

function Deactivate({ member, onClose }: { member: Member; onClose: () => void }) {
  const { t } = useTranslation('admin')
  const standing = useStanding(member, onClose)
  return (
    <Confirm
      open
      onClose={onClose}
      title={t('user.deactivateTitle', { name: member.name })}
      text={t('users.deactivateText')}
      action={t('users.deactivate')}
      word={member.email}
      busy={standing.isPending}
      failure={standing.isError && <Failure error={standing.error} />}
      onConfirm={() => standing.mutate(false)}
    />
  )
}
