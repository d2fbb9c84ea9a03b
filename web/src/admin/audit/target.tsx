import { useTranslation } from 'react-i18next'
import { To } from '../kit/people.tsx'
import { type Entry, TYPES } from './actions.ts'

const PAGES: Record<string, string> = { user: 'users', automation: 'automations' }

/** What was acted on, as a link where it has a page. */
export function Target({ entry: { target_type, target_id } }: { entry: Entry }) {
  const { t } = useTranslation('admin')
  const type = TYPES.find((known) => known === target_type)
  const name = type ? t(`audit.types.${type}`) : target_type
  const words = target_id === null ? name : `${name} ${target_id}`
  const page = PAGES[target_type]
  return page && target_id !== null ? <To to={`/admin/${page}/${target_id}`}>{words}</To> : words
}
