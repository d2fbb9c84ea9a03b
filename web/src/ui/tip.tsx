import { cloneElement, type ReactElement, useEffect, useId, useRef, useState } from 'react'
import { createPortal } from 'react-dom'

interface TipProps {
  text: string
  children: ReactElement<Record<string, unknown>>
}

/** A short text on hover and on focus; Escape hides it. It adds to what is there: nothing may stand in it alone. */
export function Tip({ text, children }: TipProps) {
  const [at, setAt] = useState<DOMRect | null>(null)
  const id = useId()
  useEffect(() => {
    if (!at) return
    const hide = (event: Event) => {
      if (event.type !== 'keydown' || (event as KeyboardEvent).key === 'Escape') setAt(null)
    }
    addEventListener('keydown', hide)
    addEventListener('scroll', hide, true)
    return () => {
      removeEventListener('keydown', hide)
      removeEventListener('scroll', hide, true)
    }
  }, [at])
  const show = (event: { currentTarget: Element }) => setAt(event.currentTarget.getBoundingClientRect())
  const hide = () => setAt(null)
  return (
    <>
      {cloneElement(children, {
        onMouseEnter: show,
        onMouseLeave: hide,
        onFocus: show,
        onBlur: hide,
        ...(at ? { 'aria-describedby': id } : {}),
      })}
      {at && createPortal(<Bubble id={id} text={text} at={at} />, document.body)}
    </>
  )
}

function Bubble({ id, text, at }: { id: string; text: string; at: DOMRect }) {
  const bubble = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = bubble.current
    if (!element) return
    const { width, height } = element.getBoundingClientRect()
    const most = document.documentElement.clientWidth - width - 8
    element.style.left = `${Math.max(8, Math.min(at.left + at.width / 2 - width / 2, most))}px`
    element.style.top = `${at.bottom + height + 8 < innerHeight ? at.bottom + 6 : at.top - height - 6}px`
  }, [at])
  return (
    <div ref={bubble} id={id} role="tooltip" className="tip start-0 top-0">
      {text}
    </div>
  )
}
