const AT_ONCE_MS = 4

/** One after another, on the thread that answers requests: every few milliseconds it lets the others in. */
export async function inTurn<T, R>(items: readonly T[], work: (item: T) => R): Promise<R[]> {
  const done: R[] = []
  let since = performance.now()
  for (const item of items) {
    done.push(work(item))
    if (performance.now() - since < AT_ONCE_MS) continue
    await new Promise((resolve) => setImmediate(resolve))
    since = performance.now()
  }
  return done
}
