import { useNavigate, useSearch } from '@tanstack/react-router'

type Values = Record<string, string>

/** What is typed letter by letter has this name; a step back for each would be too many. */
const TYPED = 'search'

/**
 * State that lives in the address: filters, sort, range. So it survives a reload, can be sent to somebody, and the
 * browser's Back undoes each choice. Everything is text; what equals its default isn't in the address.
 */
export function useUrlState<T extends Values>(defaults: T): [T, (changes: Partial<T>) => void] {
  const search = useSearch({ strict: false }) as Values
  const navigate = useNavigate()
  const state = Object.fromEntries(
    Object.entries(defaults).map(([name, otherwise]) => [name, search[name] ?? otherwise]),
  ) as T
  const change = (changes: Partial<T>) => {
    // From the address as it is now, which is ahead of the page after a choice just before.
    const next = (now: Values) =>
      Object.fromEntries(
        Object.entries({ ...now, ...changes }).filter(
          ([name, value]) => value !== undefined && value !== defaults[name],
        ),
      )
    const replace = Object.keys(changes).every((name) => name === TYPED)
    void navigate({ to: '.', search: next as never, replace, resetScroll: false } as never)
  }
  return [state, change]
}
