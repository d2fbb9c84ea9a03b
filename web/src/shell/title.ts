import { useEffect } from 'react'

/** The page's name in the tab, and for screen readers that announce it. */
export function useTitle(title: string) {
  useEffect(() => {
    document.title = `${title} · Zimmer`
  }, [title])
}
