import { num } from '../../i18n/format.ts'

/** A change of a balance, with its sign. */
export const Delta = ({ of }: { of: number }) => (
  <span className={`font-semibold tabular-nums ${of < 0 ? 'text-bad' : 'text-good'}`}>
    {num(of, { signDisplay: 'always' })}
  </span>
)
