import { Link } from '@tanstack/react-router'
import type { ComponentProps, ReactNode } from 'react'
import { Icon, type IconName } from './icons.tsx'
import { Tip } from './tip.tsx'

type Look = 'primary' | 'secondary' | 'quiet' | 'danger'
type Size = 'md' | 'sm'

const LOOKS: Record<Look, string> = {
  primary: 'bg-accent text-on-accent border-transparent hover:opacity-90',
  secondary: 'bg-surface text-ink border-line-strong hover:bg-sunken',
  quiet: 'bg-transparent text-ink border-transparent hover:bg-line/60',
  danger: 'bg-bad text-surface border-transparent hover:opacity-90',
}
const SIZES: Record<Size, string> = { md: 'min-h-10 px-4 text-[0.9375rem]', sm: 'min-h-8 px-3 text-sm' }

export const buttonClass = (look: Look = 'secondary', size: Size = 'md') =>
  `inline-flex items-center justify-center gap-2 rounded-md border font-medium whitespace-nowrap transition-colors disabled:opacity-60 aria-disabled:opacity-60 ${LOOKS[look]} ${SIZES[size]}`

interface ButtonProps extends ComponentProps<'button'> {
  look?: Look
  size?: Size
  icon?: IconName
  /** Something is under way: it can't be pressed again, and keeps its width and the focus. */
  busy?: boolean
}

export function Button({
  look,
  size,
  icon,
  busy = false,
  children,
  className = '',
  onClick,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      className={`${buttonClass(look, size)} ${className}`}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  )
}

interface IconButtonProps extends ComponentProps<'button'> {
  icon: IconName
  /** What it does, as a tooltip and for screen readers. */
  label: string
}

export function IconButton({ icon, label, className = '', ...rest }: IconButtonProps) {
  return (
    <Tip text={label}>
      <button
        type="button"
        {...rest}
        aria-label={label}
        className={`inline-flex size-9 items-center justify-center rounded-md text-soft hover:bg-line/60 hover:text-ink ${className}`}
      >
        <Icon name={icon} />
      </button>
    </Tip>
  )
}

interface LinkButtonProps {
  to: string
  look?: Look
  size?: Size
  icon?: IconName
  children: ReactNode
}

export function LinkButton({ to, look, size, icon, children }: LinkButtonProps) {
  return (
    <Link to={to} className={buttonClass(look, size)}>
      {icon && <Icon name={icon} />}
      {children}
    </Link>
  )
}
