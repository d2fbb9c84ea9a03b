import { type ComponentType, useEffect, useReducer } from 'react'
import { useTranslation } from 'react-i18next'
import { toast } from './toast.tsx'

let stands = () => {}
const standing = new Promise<void>((resolve) => {
  stands = resolve
})

/** The first page has been painted: what is needed later is fetched when the browser has nothing else to do. */
export const pageStands = () => stands()

const idle = () =>
  new Promise<void>((resolve) => {
    if ('requestIdleCallback' in globalThis) requestIdleCallback(() => resolve())
    else setTimeout(resolve, 500)
  })

/**
 * A part that opens over a page, whose code is no part of the first load. It is fetched once the page stands, so that it
 * opens offline, too; where that has failed it is asked for when it is opened, and a failure is said and closes it.
 */
export function later<P extends { onClose: () => void }>(load: () => Promise<ComponentType<P>>) {
  let Loaded: ComponentType<P> | null = null
  const fetchIt = async () => {
    Loaded = await load()
  }
  void standing
    .then(idle)
    .then(fetchIt)
    .catch(() => {})
  // biome-ignore lint/correctness/noComponentHookFactories: called once for each part, as lazy() is
  return function Later(props: P) {
    const { t } = useTranslation()
    const { onClose } = props
    const [, draw] = useReducer((count: number) => count + 1, 0)
    // biome-ignore lint/correctness/useExhaustiveDependencies: asked for once, when it is opened
    useEffect(() => {
      if (Loaded) return
      fetchIt().then(draw, () => {
        toast(t('problem.notLoaded'), { meaning: 'bad' })
        onClose()
      })
    }, [])
    return Loaded && <Loaded {...props} />
  }
}
