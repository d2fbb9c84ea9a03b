import { queryClient } from './query.ts'

/**
 * Sends a change that can be taken back, and shows at once what will be so. When it is refused, what stood there stands
 * there again. Callers read anew afterwards: only the server knows all that has changed.
 *
 * @param change what was read before, as it will be.
 */
export async function foresee<T, R>(
  { queryKey }: { queryKey: readonly unknown[] },
  change: (read: T) => T,
  send: () => Promise<R>,
): Promise<R> {
  // An answer that is under way would show the old state once more.
  await queryClient.cancelQueries({ queryKey })
  const before = queryClient.getQueryData<T>(queryKey)
  if (before !== undefined) queryClient.setQueryData<T>(queryKey, change(before))
  try {
    return await send()
  } catch (error) {
    if (before !== undefined) queryClient.setQueryData<T>(queryKey, before)
    throw error
  }
}
